'use strict';
'require form';
'require uci';
'require view';
'require turnpike.daemon as daemon';
'require turnpike.endpoint as endpoint';
'require turnpike.fields as fields';
'require turnpike.qr as qr';
'require turnpike.settings as settings';
'require turnpike.shop as shop';

// The section `web` of /etc/config/turnpike: the page that customers see.

/** In their own words, for those who read them. */
const languages = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  'pt-BR': 'Português (Brasil)',
  ru: 'Русский',
  'zh-Hans': '简体中文',
  hi: 'हिन्दी',
  ar: 'العربية',
  sw: 'Kiswahili',
  id: 'Bahasa Indonesia',
};

function isUrl(text) {
  try {
    return new URL(text).href !== '';
  } catch (_fault) {
    return false;
  }
}

function checkHome(_id, value) {
  const isThere = /^https?:\/\/[^\s\x2f?#@]+(?:[\x2f?#]\S{0,400})?$/.test(value) && isUrl(value);
  return value === '' || isThere ? true : _('Enter an address such as https://www.example.net/.');
}

function shopTab({ basic }) {
  basic(form.Flag, 'enabled', _('Switched on'), { default: '1' });
  basic(form.Value, 'name', _('Name of the shop'), {
    validate: settings.matching(/^[^\p{Cc}\p{Cs}]{1,60}$/u, _('Enter one line of at most 60 characters.')),
    description: _('On top of each page, and on vouchers.'),
  });
  basic(form.Value, 'contact', _('Contact'), {
    validate: settings.matching(/^[^\p{Cc}\p{Cs}]{1,200}$/u, _('Enter one line of at most 200 characters.')),
    description: _('How customers reach you.'),
  });
  basic(form.Value, 'accent', _('Colour of buttons'), {
    placeholder: '#0b5fc0',
    validate: settings.matching(/^#[0-9a-f]{6}$/i, _('Enter a colour such as #0a7d55.')),
  });
  basic(form.Value, 'logo', _('Picture'), {
    placeholder: '/etc/turnpike/logo.svg',
    validate: settings.absolute,
    description: _('A file on the router: PNG, JPEG, WebP or SVG, 100 kB at the most.'),
  });
  const language = basic(fields.CheckedList, 'language', _('Languages'), {
    description: _('A phone gets the one that it asks for, or else the first. All of them, when empty.'),
  });
  for (const id in languages) language.value(id, languages[id]);
}

function placeTab({ advanced }) {
  advanced(fields.CheckedList, 'listen', _('Address'), {
    placeholder: '192.168.1.1:2080',
    validate: endpoint.check(_('Enter an address of this router such as 192.168.1.1:2080.')),
    description: _('Where the page is. Every address at the port of the page, when empty.'),
  });
  const paired = _('A certificate and its key belong together: phones are told of the page by them.');
  advanced(form.Value, 'certificate', _('Certificate'), {
    validate: settings.absolute,
    description: paired,
  });
  advanced(form.Value, 'key', _('Key of the certificate'), { validate: settings.absolute });
  advanced(form.Value, 'terms', _('Terms'), {
    placeholder: '/etc/turnpike/terms.txt',
    validate: settings.absolute,
    description: _('A text file on the router, 64 kB at the most, that customers accept when they buy.'),
  });
  advanced(form.Value, 'home', _('After buying'), {
    placeholder: 'https://www.example.net/',
    validate: checkHome,
    description: _('Where customers are led. Where they wanted to go, when empty.'),
  });
}

/** The page refuses to be framed: it is opened in a window of the size of a phone. */
function preview(address) {
  const open = (event) => {
    event.preventDefault();
    window.open(address, 'turnpike-page', 'noopener,width=390,height=780');
  };
  return E('div', { class: 'turnpike-poster' }, [
    qr.draw(address, _('QR code of the page')),
    E('div', {}, [
      E('p', {}, [E('code', {}, [address])]),
      E('a', { class: 'btn cbi-button', href: address, target: '_blank', rel: 'noopener', click: open }, [
        _('See it as a phone does'),
      ]),
      E('p', {}, [_('With the settings that are saved and applied.')]),
    ]),
  ]);
}

return view.extend({
  load: () => uci.load('turnpike'),

  render() {
    daemon.style();
    daemon.guardForm(this);
    const about = _('What customers see in their browser: prices, vouchers, what they have left.');
    const map = new form.Map('turnpike', _('Customers’ page'), about);
    const section = map.section(form.NamedSection, 'web', 'web');
    section.addremove = daemon.mayWrite();
    section.addbtntitle = _('Set up');
    if (!daemon.mayWrite() && !uci.get('turnpike', 'web')) section.description = _('It is not set up.');
    const tabs = settings.tabs(section);
    shopTab(tabs);
    placeTab(tabs);
    const { address } = shop.read();
    const none = _('There is no page yet: set it up, or let the set-up of a portal enter its port.');
    return Promise.resolve(map.render()).then((form) => [
      address ? preview(address) : E('p', {}, [none]),
      form,
    ]);
  },
});
