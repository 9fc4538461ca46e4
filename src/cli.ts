import { main } from './cli/main.js';
import { drained, surviveLostReaders } from './cli/output.js';

surviveLostReaders();
const code = await main(process.argv.slice(2));
await drained();
// What a command has left open, such as a question to a name server, does not hold up the end.
process.exit(code);
