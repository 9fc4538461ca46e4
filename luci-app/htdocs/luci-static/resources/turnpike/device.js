'use strict';
'require baseclass';
'require turnpike.api as api';

// Which device somebody at the till means: by its MAC address, the code on its page, or its name.

const macForm = /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i;

/** The devices of this name among those that the router knows. */
function named(hosts, text) {
  const wanted = text.toLocaleLowerCase();
  return Object.keys(hosts).filter((mac) => hosts[mac].name?.toLocaleLowerCase() === wanted);
}

/** One device, or an error for people. The daemon knows codes and the names of users, the router those of devices. */
function only(macs) {
  const all = [...new Set(macs.map((mac) => mac.toLowerCase()))];
  if (all.length === 1) return all[0];
  if (all.length > 1) throw new Error(_('Several devices have this name: enter the MAC address.'));
  throw new Error(
    _('No device has this code or name. A code is good for ten minutes: let it be shown again.')
  );
}

/** The MAC address of the device that `text` means. */
function resolve(text) {
  if (macForm.test(text)) return Promise.resolve(text);
  return Promise.all([api.call.find({ what: text }), api.hosts()]).then(([{ devices }, hosts]) =>
    only(devices.map(({ mac }) => mac).concat(named(hosts, text)))
  );
}

return baseclass.extend({ resolve });
