/** What is used of the package: its dictionaries. They have no public way to an attribute's type. */
declare module 'radius' {
  interface Radius {
    load_dictionaries(): void;
    /** Takes the text of a dictionary; what it includes is for the caller. */
    _load_dictionary(text: string): string[];
    /**
     * A column of an attribute, which is named by its number or its name: 0 number (as text), 1 name, 2 type,
     * 5 modifiers as keys. Without a vendor it is one of the standard's.
     */
    _attr_to(attribute: number | string, vendor: number | undefined, column: number): unknown;
  }
  const radius: Radius;
  export default radius;
}
