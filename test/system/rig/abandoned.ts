// A program of its own that starts a rig, prints the ids of its namespaces and never stops it: `throw` ends it by
// an exception, `wait` leaves that to a signal.
import { startRig } from './rig.js';

const rig = await startRig({ clients: 1 });
console.log(JSON.stringify(rig.rooms.flatMap((room) => room.namespaces())));
if (process.argv[2] === 'throw') throw new Error('a test that fails');
