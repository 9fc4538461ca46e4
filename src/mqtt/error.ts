/** A message that the broker does not take, whenever it is sent. */
export class PacketTooLarge extends Error {
  readonly code = 'too_large';
  /** Octets that a payload on this topic may have. */
  readonly room: number;

  constructor(topic: string, octets: number, room: number) {
    super(`a message of ${octets} octets to ${topic} is more than the broker takes, which is ${room}`);
    this.name = 'PacketTooLarge';
    this.room = room;
  }
}

/** A message that the broker has dropped, for nobody has subscribed to its topic. */
export class NoSubscriber extends Error {
  readonly code = 'no_subscriber';

  constructor(topic: string) {
    super(`nobody has subscribed to ${topic}: the reports wait here`);
    this.name = 'NoSubscriber';
  }
}
