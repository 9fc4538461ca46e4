'use strict';
'require baseclass';
'require ui';

// Where a login may go: LuCI leaves out of its menu what the login has no right to.

const path = ['admin', 'services', 'turnpike'];

/** Names of our pages that this login may open. */
function names() {
  return ui.menu.load().then((root) => {
    const place = path.reduce((node, name) => node?.children?.[name], root);
    const nodes = Object.entries(place?.children ?? {});
    return new Set(nodes.filter(([, { satisfied }]) => satisfied).map(([name]) => name));
  });
}

return baseclass.extend({
  /** None where LuCI has no menu: a fault is read all the same, and no way leads to a refusal. */
  names: () => L.resolveDefault(names(), new Set()),
});
