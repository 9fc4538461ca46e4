'use strict';
'require baseclass';
'require dom';
'require ui';
'require turnpike.api as api';
'require turnpike.named as named';
'require turnpike.standing as standing';

// What a page says while the daemon does not answer, with the way out of it.

/** Fields of dialogs so far: each has an id of its own, whatever letters its label is written in. */
let fields = 0;

function mayWrite() {
  return L.hasViewPermission() === true;
}

/** LuCI puts what it tells at the top of the page: it is kept in sight of whoever has scrolled down. */
function inSight(note) {
  note?.classList.add('turnpike-note');
  note?.setAttribute('role', 'status');
}

/** Tells of what was done, or why it was not. */
function tell(text, level) {
  inSight(ui.addTimeLimitedNotification(null, E('p', {}, [text]), 8000, level ?? 'info'));
}

/** Tells what somebody has to do: it stays until they have read it. */
function remind(text) {
  inSight(ui.addNotification(null, E('p', {}, [text]), 'info'));
}

function say(error) {
  inSight(ui.addNotification(null, E('p', {}, [error.message]), 'danger'));
}

function startButton(again) {
  const start = () =>
    api.start().then(again, (error) => {
      say(
        error.code === 'not_running'
          ? new Error(_('turnpike does not stay up. The system log says why.'))
          : error
      );
    });
  return E('button', { class: 'btn cbi-button cbi-button-apply', click: ui.createHandlerFn(null, start) }, [
    _('Start turnpike'),
  ]);
}

function boxFor(error, again) {
  const down = error.code === 'not_running';
  const parts = [E('h4', {}, [down ? _('turnpike is not running') : _('This page cannot be filled')])];
  if (!down) return parts.concat(E('p', {}, [error.message]));
  const text = _('Nothing can be sold, and the caps of running sessions are not watched by it.');
  parts.push(E('p', {}, [text]));
  if (mayWrite()) parts.push(startButton(again));
  else parts.push(E('p', {}, [_('Whoever may sell can start it here.')]));
  return parts;
}

/** LuCI's dialog, by the name of its heading. */
function showModal(title, children) {
  const dialog = ui.showModal(title, children);
  const heading = dialog?.querySelector('h4');
  if (!heading) return;
  heading.id = 'turnpike-dialog';
  dialog.setAttribute('aria-labelledby', heading.id);
}

/** What every page begins with: our style sheet, and the banner of what is wrong with the settings. */
function style() {
  standing.begin();
  if (document.getElementById('turnpike-style')) return;
  const href = L.resource('turnpike/turnpike.css');
  document.head.appendChild(E('link', { id: 'turnpike-style', rel: 'stylesheet', href }));
  named.begin();
}

return baseclass.extend({
  mayWrite,
  tell,
  remind,
  say,
  style,
  showModal,

  /** A page with a form: who may not change it sees no button to save it. */
  guardForm(page) {
    if (!mayWrite()) Object.assign(page, { handleSaveApply: null, handleSave: null, handleReset: null });
  },

  /** A grid whose rows open a dialog: who may not change them may look at them. */
  guardGrid(section) {
    if (mayWrite()) return;
    const actions = section.renderRowActions;
    section.renderRowActions = function (id) {
      const cell = actions.call(this, id);
      for (const button of cell.querySelectorAll('.cbi-button-edit')) button.textContent = _('Details');
      return cell;
    };
  },

  /**
   * A box for faults, hidden while there is none, and `watch`, which calls `fetch`, shows its fault there, and hands
   * its answer to `show`; `fail` is called where there is none.
   */
  guard(fetch, show, fail) {
    const box = E('div', { class: 'alert-message warning turnpike-down', hidden: '' });
    let shown = null;
    let newest = 0;
    const watch = () => {
      newest += 1;
      const turn = newest;
      return fetch().then(
        (answer) => {
          // An answer to an earlier question may come after the one to a later question: ignore it.
          if (turn !== newest) return;
          shown = null;
          box.hidden = true;
          show(answer);
        },
        (error) => {
          // Draw the same fault once only: a button that is drawn anew under the finger cannot be pressed.
          if (turn !== newest || shown === error.message) return;
          fail?.();
          shown = error.message;
          dom.content(box, boxFor(error, watch));
          box.hidden = false;
        }
      );
    };
    return { box, watch };
  },

  /**
   * A dialog with fields; `act` returns a promise: of nothing, or of what to do once the dialog has shut. When
   * it fails the dialog stays open with the fault.
   */
  dialog(title, body, label, act, style) {
    const fault = E('div', { class: 'alert-message danger', role: 'alert', hidden: '' });
    const go = () =>
      Promise.resolve()
        .then(() => {
          fault.hidden = true;
          // What is under way cannot be called back, and its answer may be shown once only.
          cancel.disabled = true;
          return act();
        })
        .then(
          (follow) => {
            // Another dialog may stand there by now: it stays.
            if (fault.isConnected) ui.hideModal();
            if (typeof follow === 'function') follow();
          },
          (error) => {
            dom.content(fault, [error.message]);
            fault.hidden = false;
            if (!fault.isConnected) say(error);
          }
        )
        .finally(() => {
          cancel.disabled = false;
        });
    const cancel = E('button', { class: 'btn cbi-button', click: ui.hideModal }, [_('Cancel')]);
    showModal(title, [
      ...body,
      fault,
      E('div', { class: 'button-row' }, [
        cancel,
        ' ',
        E('button', { class: `btn cbi-button ${style}`, click: ui.createHandlerFn(null, go) }, [label]),
      ]),
    ]);
  },

  /** A labelled row of a dialog, as forms have it. */
  field(label, input, help) {
    fields += 1;
    const id = input.id || `turnpike-field-${fields}`;
    input.id = id;
    return E('div', { class: 'cbi-value' }, [
      E('label', { class: 'cbi-value-title', for: id }, [label]),
      E('div', { class: 'cbi-value-field' }, [
        input,
        help ? E('div', { class: 'cbi-value-description' }, [help]) : '',
      ]),
    ]);
  },
});
