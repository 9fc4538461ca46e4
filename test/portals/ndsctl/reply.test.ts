// The reply about one client, as real portals print it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readOne } from '../../../src/portals/ndsctl/reply.js';
import { opennds } from '../../../src/portals/opennds/dialect.js';

/** openNDS 10.3.1, of a client that `auth MAC` let in before it made a request. */
const preemptive = `{
  "version":"10.3.1",
  "client_type":"preemptive",
  "mac":"02:77:00:00:01:0b",
  "ip":"10.77.0.11",
  "session_start":"1795359293",
  "session_end":"null",
  "last_active":"1795359296",
  "token":"35a8bea7",
  "state":"Authenticated",
  "custom":" preemptivemac-02:77:00:00:01:0b
",
  "download_this_session":"1",
  "upload_this_session":"0"
}
`;

test('a line end within a text hides no open gate', () => {
  const reply = readOne(opennds, Buffer.from(preemptive));
  assert.ok(reply.ok);
  assert.equal(
    [reply.client?.mac, reply.client?.open, reply.client?.down],
    ['02:77:00:00:01:0b', true, 1024],
  );
});

test.run();
