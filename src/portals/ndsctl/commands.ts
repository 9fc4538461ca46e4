/** Shuts a client out. */
export function deauthCommand(client: string): string {
  return `deauth ${client}`;
}

/** One client; all of them with no argument, which only the worker asks for. */
export function jsonCommand(client: string): string {
  return `json ${client}`;
}
