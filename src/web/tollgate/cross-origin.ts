import type { Reply, WebRequest } from '../../ports/web.js';

/**
 * Answers by the method that is asked for. Pages at another port of the router may read the answer, as TollGate's own page
 * is one; those of other sites may not, and a site whose name was made to lead here (DNS rebinding) gets none: the answers
 * say which device asks.
 */
export async function crossOrigin(
  request: WebRequest,
  answers: Readonly<Record<string, (request: WebRequest) => Promise<Reply> | Reply>>,
): Promise<Reply> {
  if (!isMeant(request)) return { status: 421, body: 'ask by the address of the router\n' };
  const { method } = request;
  const names = Object.keys(answers);
  const headers = { ...allowance(request, names), Vary: 'Origin' };
  if (method === 'OPTIONS') return { status: 204, headers };
  const answer = answers[method === 'HEAD' ? 'GET' : method];
  if (!answer) {
    const Allow = [...names, 'HEAD', 'OPTIONS'].join(', ');
    return { status: 405, headers: { ...headers, Allow }, body: 'not that way\n' };
  }
  const reply = await answer(request);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** The asker calls the router by its own address, or by a name of its certificate. */
function isMeant({ headers, origin }: WebRequest): boolean {
  return hostIn(`http://${headers.host ?? ''}`) === hostIn(origin);
}

function allowance({ headers, origin }: WebRequest, methods: readonly string[]): Record<string, string> {
  const from = headers.origin;
  if (from === undefined || hostIn(from) !== hostIn(origin)) return {};
  return {
    'Access-Control-Allow-Origin': from,
    'Access-Control-Allow-Methods': [...methods, 'OPTIONS'].join(', '),
    'Access-Control-Allow-Headers': 'Content-Type',
    'Access-Control-Max-Age': '600',
  };
}

/** The name of a host without its port; undefined for what is no address of the web. */
function hostIn(address: string): string | undefined {
  return /^https?:\/\/[^/@]+\/?$/i.test(address) && URL.canParse(address)
    ? new URL(address).hostname
    : undefined;
}
