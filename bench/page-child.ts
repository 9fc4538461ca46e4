// Helper: phones that open the page, each from its own address (`PORT`).
import { once } from 'node:events';
import { type RequestOptions, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { serve } from './child.js';
import { timed } from './pairs.js';

interface Asked {
  /** One after the other. */
  readonly visits?: readonly Visit[];
  /** Phones that join at even distances within so many ms: each looks whether it is online, and is led to the page. */
  readonly crowd?: { readonly phones: readonly string[]; readonly withinMs: number };
}

/** One look at a page. */
export interface Visit {
  /** The phone's address. */
  readonly from: string;
  readonly path: string;
  readonly language: string;
  /** What the page must say: else it is another one. */
  readonly says: string;
}

/** The daemon's address in the room. */
const host = '10.77.0.1';
const port = Number(process.argv[2]);

async function ask(from: string, path: string, headers: RequestOptions['headers'] = {}) {
  const asked = request({ host, port, localAddress: from, agent: false, path, headers }).end();
  const [response] = await once(asked, 'response');
  return {
    status: response.statusCode as number,
    location: response.headers.location,
    body: await text(response),
  };
}

async function visit({ from, path, language, says }: Visit): Promise<number> {
  let body = '';
  const ms = await timed(async () => {
    ({ body } = await ask(from, path, { 'Accept-Language': language }));
  });
  if (!body.includes(says)) throw new Error(`${from} ${path}: no ${says} in ${body}`);
  return ms;
}

async function arrive(from: string): Promise<void> {
  const probe = await ask(from, '/hotspot-detect.html', { Host: 'captive.apple.com' });
  if (probe.status !== 302) throw new Error(`${from}: a probe was answered with ${probe.status}`);
  const { pathname, search } = new URL(probe.location!);
  const { status } = await ask(from, pathname + search);
  if (status !== 200) throw new Error(`${from}: ${status}`);
}

/** @returns what each took, in ms */
serve(async ({ visits = [], crowd }: Asked) => {
  const times: number[] = [];
  for (const one of visits) times.push(await visit(one));
  if (!crowd) return times;
  const { phones, withinMs } = crowd;
  return Promise.all(
    phones.map(async (from, at) => {
      await new Promise((resolve) => setTimeout(resolve, (withinMs / phones.length) * at));
      return timed(() => arrive(from));
    }),
  );
});
