'use strict';
'require baseclass';
'require dom';

// The way through a list of which the daemon sends a page at a time.

const size = 100;

/** `turned` is called when another page is wanted. */
function create(turned) {
  const text = E('span', {});
  let offset = 0;
  const step = (sign, title, way) => {
    const click = () => {
      offset = Math.max(0, offset + way * size);
      turned();
    };
    return E('button', { class: 'btn cbi-button', title, 'aria-label': title, click }, [sign]);
  };
  const [back, on] = [step('‹', _('Previous page'), -1), step('›', _('Next page'), 1)];
  const node = E('div', { class: 'turnpike-bar', hidden: '' }, [back, text, on]);

  return {
    node,
    /** The arguments of the page that is wanted. */
    args: () => ({ offset, limit: size }),
    /** The first page again, as after another search. */
    rewind: () => {
      offset = 0;
    },
    /** Says where the reader is. A list that has become shorter than that is asked for its last page. */
    update(shown, count) {
      if (shown === 0 && offset > 0) {
        offset = Math.max(0, Math.ceil(count / size) - 1) * size;
        turned();
        return;
      }
      node.hidden = count <= shown;
      dom.content(text, [_('%d to %d of %d').format(offset + 1, offset + shown, count)]);
      back.disabled = offset === 0;
      on.disabled = offset + shown >= count;
    },
  };
}

return baseclass.extend({ create });
