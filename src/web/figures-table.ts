// Made by page-figures.mjs from CLDR 48.0.

/** The version of CLDR that this is from. */
export const cldr = '48.0';

/** Currencies of states by their first letter, each with its digits behind the point where these are not two. */
export const currencies =
  'Aedfn0ll0mdngoarsudwgznBambddtgnhd3if0mdndobrlsdtnwpynzdCaddfhflp0nyop0rcucupvezkDjf0kkopzdEgprntburFjdkpGbpelhsipmdnf0tqydHkdnlrktguf0Idr0lsnrqd0rr0sk0Jmdod3py0Kesgshrmf0pw0rw0wd3ydztLak0bp0krrdslyd3Maddlga0kdmk0ntopruurvrwkxnyrznNadgniookprzdOmr3Pabengkhpkr0lnyg0QarRonsdubwf0Sarbdcrdgekgdhplell0os0rdsptnvcyp0zlThbjsmtnd3oprytdwdzsUahgx0sdyuzsVesnd0uv0WstXaf0cdcgdrof0pf0suYer0Zarmwwgwl';

/** Signs of currencies in most languages. */
export const signs =
  'AUDAU$ BRLR$ CADCA$ CNYCN¥ EUR€ GBP£ HKDHK$ ILS₪ INR₹ JPYJP¥ KRW₩ MXNMX$ NZDNZ$ THB฿ TWDNT$ USDUS$ VND₫ XAFFCFA XCDEC$ XCGCg. XOFF\u202fCFA XPFCFPF';

/** By language: see `Figures`. */
export const tables: Readonly<Record<string, string>> = {
  en: '.,|¤#|AUDA$ JPY¥ PHP₱ THB USD$|byte|kB|MB|GB|TB|days~1# day|hr|min|sec|kb/s|Mb/s',
  de: ',.|#\u00a0¤|JPY¥ USD$|Byte~1#\u00a0Byte|kB|MB|#\u00a0GB|TB|Tg.|Std.|Min.|Sek.|kb/s|Mb/s',
  fr: ',\u202f|#\u00a0¤|ARS$AR AUD$AU BMD$BM BND$BN BZD$BZ CAD$CA CLP$CL CNY COP$CO FJD$FJ FKP£FK GBP£GB GIP£GI HKD JPY LBP£LB MXN$MX NAD$NA NZD$NZ SBD$SB SGD$SG SRD$SR THB TTD$TT TWD USD$US UYU$UY WST$WS XCD XPFFCFP|#\u202fo|#\u202fko|#\u202fMo|#\u202fGo|#\u202fTo|#\u202fj|#\u202fh|#\u00a0min|#\u202fs|#\u202fkbit/s|#\u202fMbit/s',
  es: ',.32|#\u00a0¤|AUD BRL CAD CNY GBP HKD ILS INR JPY KRW MXN NZD TWD XAF XCD XOF|B|kB|MB|GB|TB|d|h|min|s|kb/s|Mb/s',
  'pt-BR': ',.|¤\u00a0#||bytes|kB|MB|GB|TB|dias~i# dia|h|min|s|kb/s|Mb/s',
  ru: ',\u00a0|#\u00a0¤|AUDA$ JPY¥ RUB₽ TMTТМТ UAH₴ USD$ XCGCg|Б|кБ|МБ|ГБ|ТБ|дн.|ч|мин|с|кбит/c|Мбит/c',
  'zh-Hans': '.,|¤#|CNY¥ THB|B|kB|MB|GB|TB|#天|#小时|#分钟|#秒|kb/秒|Mb/秒',
  hi: '.,21|¤#|AUDA$ USD$|बाइट|kB|MB|GB|TB|दिन|घं॰|मि॰|से॰|kb/से॰|Mb/से॰',
  ar: '.,|\u200f#\u00a0¤|AEDد.إ.\u200f BHDد.ب.\u200f DZDد.ج.\u200f EGPج.م.\u200f GBPUK£ IQDد.ع.\u200f IRRر.إ. JODد.أ.\u200f KWDد.ك.\u200f LBPل.ل.\u200f LYDد.ل.\u200f MADد.م.\u200f MRUأ.م. OMRر.ع.\u200f QARر.ق.\u200f SARر.س.\u200f SDGج.س. SYPل.س.\u200f TNDد.ت.\u200f YERر.ي.\u200f|بايت|كيلوبايت|م.ب|غ.ب|تيرابايت|يوم~1يوم~2يومان~f# أيام~m# يومًا|س|د|ث|كيلوبت/ث|ميغابت/ث',
  sw: '.,|¤\u00a0#|AUDA$ KESKsh TZSTSh|baiti #|kilobaiti #|MB #|GB #|terabaiti #|siku #|saa #|dakika #|sekunde #|kilobiti # kwa kila sekunde|megabiti # kwa kila sekunde',
  id: ',.|¤#|IDRRp INRRs|byte|kB|MB|GB|TB|hr|j|mnt|dtk|kb/dtk|Mb/dtk',
};
