/** Shuts a client out. */
export function deauthCommand(client: string): string {
  return `deauth ${client}`;
}

/** All clients. */
export const listCommand = 'json';

/** One client. */
export function jsonCommand(client: string): string {
  return `json ${client}`;
}
