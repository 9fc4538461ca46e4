/** Runs work as long as fewer than `most` are under way; undefined for what is one too many, with nothing begun. */
export function admission(most: number): <T>(run: () => Promise<T>) => Promise<T> | undefined {
  let underWay = 0;
  return (run) => {
    if (underWay >= most) return undefined;
    underWay += 1;
    return run().finally(() => {
      underWay -= 1;
    });
  };
}
