import { decodePlain, encodePlain, type Format } from '../../mqtt/message.js';
import { type OrderName, orderNames } from '../../mqtt/section.js';
import { type Call, callFor, commonReply, isSecret, isTable, type Order } from './duties.js';

type Table = Readonly<Record<string, unknown>>;

/** A message on the topic for orders. */
export interface Asked {
  readonly payload: Buffer;
  readonly retained: boolean;
  /** MQTT 5. */
  readonly responseTopic?: string;
}

/** What goes back, and where. */
export interface Answer {
  readonly topic: string;
  readonly payload: Buffer;
  /** What goes back where the broker takes no message of this size. */
  readonly instead: () => Buffer;
}

export interface OrdersParts {
  readonly prefix: string;
  readonly router: string;
  readonly allowed: readonly OrderName[];
  /** Does it, and answers as the ubus object does: a failure is `{ error: { code, message } }`. */
  readonly execute: (method: string, args: Table) => Promise<Table>;
  readonly warn: (text: string) => void;
}

interface Remembered {
  readonly content: string;
  /**
   * Absent for one that holds secrets: the daemon knows it by its key, for as long as its codes are known at all. Absent
   * for a refusal: nothing was done, and another time it may be.
   */
  answer?: Promise<Table>;
}

/** Orders under way at once, and answers that are remembered for a repeat. */
const [mostUnderWay, mostRemembered] = [16, 1_000];
const largest = 16 * 1024;
const keyForm = /^[\x21-\x7e]{1,128}$/;
/** Last levels of topics that no answer may go to: receivers would take it for a message of another kind. */
const taken = ['usage', 'session', 'status', 'command'];
const longestTopic = 256;

/** The topic of the answer to an order that names none. */
export function replyTopic(prefix: string, router: string): string {
  return `${prefix}/${router}/${commonReply}`;
}

/**
 * Takes orders from the broker: `{ command, idempotency_key, arguments }`. An order with a key that was used before
 * gets the same answer and does nothing again, so that a message which arrives twice does no harm.
 */
export class Orders {
  readonly #parts: OrdersParts;
  readonly #remembered = new Map<string, Remembered>();
  #underWay = 0;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
  }

  /** @returns the answer; undefined for a message that gets none. */
  async take({ payload, retained, responseTopic }: Asked): Promise<Answer | undefined> {
    const { prefix, router, warn } = this.#parts;
    const topic = responseTopic ?? replyTopic(prefix, router);
    if (!this.#mayAnswer(topic)) {
      warn('an order names a topic for its answer that is not ours to use: not carried out');
      return undefined;
    }
    // The broker would deliver a retained order again at each connection, for ever.
    if (retained) {
      warn('an order was published as retained: not carried out');
      return undefined;
    }
    const format: Format = payload[0] === 0x7b ? 'json' : 'msgpack';
    const { command, idempotency_key, ...given } = readOrder(payload);
    const result = await this.#answer(command, idempotency_key, given.arguments, responseTopic);
    const echo = { command: textOr(command), idempotency_key: textOr(idempotency_key) };
    const encode = (said: Table) =>
      encodePlain({ ...echo, ...('error' in said ? said : { result: said }) }, format);
    return { topic, payload: encode(result), instead: () => encode(tooLarge) };
  }

  async #answer(command: unknown, key: unknown, given: unknown, responseTopic?: string): Promise<Table> {
    const name = orderNames.find((known) => known === command);
    if (!name) return refusal('bad_argument', `command must be one of ${orderNames.join(', ')}`);
    if (!this.#parts.allowed.includes(name)) return refusal('not_allowed', `${name} is not allowed here`);
    if (typeof key !== 'string' || !keyForm.test(key)) {
      return refusal('bad_key', 'idempotency_key must be 1 to 128 printable ASCII characters without spaces');
    }
    const args = given ?? {};
    if (!isTable(args)) return refusal('bad_argument', 'arguments must be an object');
    const order = { name, key, args, responseTopic };
    const call = callFor(order);
    return 'code' in call ? { error: call } : this.#once(order, call);
  }

  #once({ name, key, args, responseTopic }: Order, call: Call): Promise<Table> | Table {
    // Nobody else has the secrets sent to another topic by a repeat.
    const content = JSON.stringify([name, args, ...(isSecret(name) ? [responseTopic] : [])]);
    const known = this.#remembered.get(key);
    if (known && known.content !== content) {
      return refusal('key_conflict', 'this idempotency_key was used for another request');
    }
    if (known?.answer) return known.answer;
    if (this.#underWay >= mostUnderWay) return refusal('busy', 'too many orders are under way: try again');
    const answer = this.#run(call);
    const one: Remembered = isSecret(name) ? { content } : { content, answer };
    this.#remember(key, one);
    void answer.then((said) => {
      if ('error' in said) delete one.answer;
    });
    return answer;
  }

  #remember(key: string, one: Remembered): void {
    this.#remembered.set(key, one);
    if (this.#remembered.size > mostRemembered) {
      this.#remembered.delete(this.#remembered.keys().next().value!);
    }
  }

  async #run({ method, args }: Call): Promise<Table> {
    this.#underWay += 1;
    try {
      return await this.#parts.execute(method, args);
    } finally {
      this.#underWay -= 1;
    }
  }

  #mayAnswer(topic: string): boolean {
    const { prefix } = this.#parts;
    const isOurs = topic.startsWith(`${prefix}/`) && topic.length <= longestTopic && !/[#+\0]/.test(topic);
    return isOurs && !taken.includes(topic.split('/').at(-1)!);
  }
}

function readOrder(payload: Buffer): Table {
  if (payload.length > largest) return {};
  try {
    const order = decodePlain(payload);
    return isTable(order) ? order : {};
  } catch {
    return {};
  }
}

/** The order was carried out: whoever repeats it does no harm. */
const tooLarge = refusal(
  'answer_too_large',
  'it was carried out, but the broker takes no message of the size of its answer',
);

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 128) : null;
}

function refusal(code: string, message: string): Table {
  return { error: { code, message } };
}
