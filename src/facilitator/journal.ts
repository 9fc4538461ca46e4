import type { Address, Hex } from '../payments/wallet/typed-data.js';
import type { ListedSession, StatsReply } from '../payments/wallet/wire.js';
import type { Database } from './database.js';
import type { Operation, Parties, Request, Sent } from './operation.js';

const operationColumns = 'id, kind, network, session_id AS sessionId, request, state, result';
const sentColumns = 'hash, operation, network, signer, nonce, raw';

/** What the facilitator remembers: written before the world is touched. */
export class Journal {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  operation(id: string): Operation | undefined {
    return this.#db.all<Operation>(`SELECT ${operationColumns} FROM operations WHERE id = ?`, [id])[0];
  }

  openOperations(): Operation[] {
    return this.#db.all(
      `SELECT ${operationColumns} FROM operations WHERE state = 'open' ORDER BY created_at`,
    );
  }

  /** The create of a session that the chain does not have yet. */
  pendingCreate(network: string, sessionId: Hex): Operation | undefined {
    const where = `network = ? AND session_id = ? AND kind = 'create' AND state = 'open'`;
    return this.#db.all<Operation>(`SELECT ${operationColumns} FROM operations WHERE ${where}`, [
      network,
      sessionId,
    ])[0];
  }

  /** Writes operations together with the transaction for them: the first one, or the next one of those that are open. */
  send(operations: readonly Request[], sent: Sent): void {
    this.#db.together(() => {
      for (const { id, kind, network, sessionId, request } of operations) {
        this.#db.run(
          `INSERT INTO operations (id, kind, network, session_id, request, state, created_at)
           VALUES (?, ?, ?, ?, ?, 'open', ?) ON CONFLICT (id) DO UPDATE SET state = 'open', result = NULL`,
          [id, kind, network, sessionId, request, Date.now()],
        );
        if (id !== sent.operation)
          this.#db.run('INSERT INTO members (operation, batch) VALUES (?, ?)', [id, sent.operation]);
      }
      this.replace(sent);
    });
  }

  /** Batches that an operation was sent in. */
  batchesOf(operation: string): string[] {
    const sql = 'SELECT batch FROM members WHERE operation = ?';
    return this.#db.all<{ batch: string }>(sql, [operation]).map((row) => row.batch);
  }

  /** Writes another transaction of the same nonce. */
  replace({ hash, operation, network, signer, nonce, raw }: Sent): void {
    this.#db.run(
      `INSERT OR REPLACE INTO transactions (hash, operation, network, signer, nonce, raw, state, created_at)
       VALUES (?, ?, ?, ?, ?, ?, 'pending', ?)`,
      [hash, operation, network, signer, nonce, raw, Date.now()],
    );
  }

  /** All that wait to be mined, oldest nonce first. */
  pending(network: string): Sent[] {
    const where = `network = ? AND state = 'pending'`;
    return this.#db.all(`SELECT ${sentColumns} FROM transactions WHERE ${where} ORDER BY nonce, created_at`, [
      network,
    ]);
  }

  hashesOf(operation: string): Hex[] {
    const rows = this.#db.all<{ hash: Hex }>(
      'SELECT hash FROM transactions WHERE operation = ? ORDER BY created_at',
      [operation],
    );
    return rows.map((row) => row.hash);
  }

  /** Whether a transaction of an operation was mined. */
  isMined(operation: string): boolean {
    const where = `operation = ? AND state = 'mined'`;
    return this.#db.all(`SELECT 1 FROM transactions WHERE ${where} LIMIT 1`, [operation]).length > 0;
  }

  /**
   * A nonce is used up: by one of these transactions (`mined`), or by a transaction that this server did not send
   * (`lost`).
   */
  settle({ network, signer, nonce }: Sent, state: 'mined' | 'lost'): void {
    const where = `network = ? AND signer = ? AND nonce = ? AND state = 'pending'`;
    this.#db.run(`UPDATE transactions SET state = ? WHERE ${where}`, [state, network, signer, nonce]);
  }

  /** Mined transactions from this nonce on wait again. @returns their nonces */
  unsettle(network: string, signer: Address, nonce: number): number[] {
    const where = `network = ? AND signer = ? AND nonce >= ? AND state = 'mined'`;
    const values = [network, signer, nonce];
    const rows = this.#db.all<{ nonce: number }>(
      `SELECT DISTINCT nonce FROM transactions WHERE ${where}`,
      values,
    );
    if (rows.length > 0) this.#db.run(`UPDATE transactions SET state = 'pending' WHERE ${where}`, values);
    return rows.map((row) => row.nonce);
  }

  /**
   * Ends an operation. One that needed no transaction of ours is not kept: the chain can be asked again, and there is no
   * end to requests that cost their sender nothing.
   */
  finish({ id }: Request, state: 'done' | 'refused', result: string): void {
    this.#db.run('UPDATE operations SET state = ?, result = ? WHERE id = ?', [state, result, id]);
  }

  /** Lets one caller have an operation's answer: the first who is told, and again whoever names the same key. */
  tell(id: string, key: string): boolean {
    const [row] = this.#db.all<{ told: string | null }>('SELECT told FROM operations WHERE id = ?', [id]);
    if (row?.told === null) this.#db.run('UPDATE operations SET told = ? WHERE id = ?', [key, id]);
    return row !== undefined && (row.told === null || (key !== '' && row.told === key));
  }

  parties(network: string, id: Hex): Parties | undefined {
    const where = 'network = ? AND id = ?';
    return this.#db.all<Parties>(`SELECT buyer, seller, token FROM sessions WHERE ${where}`, [
      network,
      id,
    ])[0];
  }

  /** Sessions of an account, by their ids. */
  sessionsOf(
    network: string,
    of: { account: Address; role: 'buyer' | 'seller'; after: Hex; limit: number },
  ): Omit<ListedSession, 'network'>[] {
    const { account, role, after, limit } = of;
    const rows = this.#db.all<Omit<ListedSession, 'network' | 'closed'> & { closed: number }>(
      `SELECT id AS sessionId, buyer, seller, token, expires_at AS expiresAt, closed FROM sessions
       WHERE network = ? AND ${role} = ? AND id > ? ORDER BY id LIMIT ?`,
      [network, account, after, limit],
    );
    return rows.map((row) => ({ ...row, closed: row.closed === 1 }));
  }

  /** Networks that have a session of this id, as far as is known here. */
  networksOf(id: Hex): string[] {
    const rows = this.#db.all<{ network: string }>('SELECT network FROM sessions WHERE id = ?', [id]);
    return rows.map((row) => row.network);
  }

  /**
   * Writes what the chain says of a session, if that is new; of one that there was never an operation for, nothing.
   * `expiresAt` in Unix seconds.
   */
  remember(network: string, id: Hex, session: Parties & { expiresAt: bigint; closed: boolean }): void {
    const { buyer, seller, token, expiresAt, closed } = session;
    const where = 'network = ? AND id = ? AND expires_at = ? AND closed = ?';
    const known = [network, id, Number(expiresAt), closed ? 1 : 0];
    if (this.#db.all(`SELECT 1 FROM sessions WHERE ${where}`, known).length > 0) return;
    if (!this.#isOurs(network, id)) return;
    this.#db.run(
      `INSERT INTO sessions (network, id, buyer, seller, token, expires_at, closed) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (network, id) DO UPDATE SET closed = excluded.closed, expires_at = excluded.expires_at`,
      [network, id, buyer, seller, token, Number(expiresAt), closed ? 1 : 0],
    );
  }

  /** Whether this server has paid for anything in a session. */
  #isOurs(network: string, sessionId: Hex): boolean {
    const sql = 'SELECT 1 FROM operations WHERE network = ? AND session_id = ? LIMIT 1';
    return this.#db.all(sql, [network, sessionId]).length > 0;
  }

  /**
   * Sessions opened here whose time ended at `before` (Unix seconds) and that are not known to be closed, oldest first.
   * @param skip so many of them
   */
  expired(
    network: string,
    before: number,
    limit: number,
    skip = 0,
  ): { readonly network: string; readonly id: Hex }[] {
    const opened = `SELECT 1 FROM operations AS o
      WHERE o.network = sessions.network AND o.session_id = sessions.id AND o.kind = 'create'`;
    const where = `network = ? AND closed = 0 AND expires_at <= ? AND EXISTS (${opened})`;
    return this.#db.all(
      `SELECT network, id FROM sessions WHERE ${where} ORDER BY expires_at, id LIMIT ? OFFSET ?`,
      [network, before, limit, skip],
    );
  }

  /** Books gas for a seller; days before the last one are forgotten. @param day days since 1970 */
  spend(network: string, seller: Address, day: number, gas: number): void {
    this.#db.together(() => {
      this.#db.run('DELETE FROM spending WHERE network = ? AND day < ?', [network, day - 1]);
      this.#db.run(
        `INSERT INTO spending (network, day, seller, gas) VALUES (?, ?, ?, ?)
         ON CONFLICT (network, day, seller) DO UPDATE SET gas = gas + excluded.gas`,
        [network, day, seller, gas],
      );
    });
  }

  /** Gas booked on a day, by seller. */
  spent(network: string, day: number): { readonly seller: Address; readonly gas: number }[] {
    return this.#db.all('SELECT seller, gas FROM spending WHERE network = ? AND day = ?', [network, day]);
  }

  /** Sessions by state. @param now Unix seconds */
  stats(now: number): StatsReply {
    const [row] = this.#db.all<StatsReply>(
      `SELECT count(*) AS total,
         coalesce(sum(closed = 0 AND expires_at > ?1), 0) AS active,
         coalesce(sum(closed), 0) AS completed,
         coalesce(sum(closed = 0 AND expires_at <= ?1), 0) AS expired
       FROM sessions`,
      [now],
    );
    return row!;
  }

  close(): void {
    this.#db.close();
  }
}
