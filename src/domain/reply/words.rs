//! The words by which mail programs in many languages mark what is not new. In small letters.
//!
//! Source: the localised strings of Gmail, Outlook, Apple Mail, Thunderbird, Yahoo and Samsung Mail as their mails show
//! them; the reply parsers of other projects were read to learn which languages and forms there are.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a field of a quoted header tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    From,
    Date,
    To,
    Subject,
    /// Cc, attachments, importance and the like.
    Other,
}

/// The kind of field that a name in small letters means.
pub fn field(name: &str) -> Option<Field> {
    static FIELDS: LazyLock<HashMap<&str, Field>> = LazyLock::new(|| {
        let kinds = [
            (FROM, Field::From),
            (DATE, Field::Date),
            (TO, Field::To),
            (SUBJECT, Field::Subject),
            (OTHER_FIELDS, Field::Other),
        ];
        kinds.into_iter().flat_map(|(names, kind)| names.iter().map(move |name| (*name, kind))).collect()
    });
    FIELDS.get(name).copied()
}

#[rustfmt::skip]
const FROM: &[&str] = &[
    "from", "van", "von", "de", "expéditeur", "da", "mittente", "desde", "remitente", "remetente", "fra", "från",
    "lähettäjä", "saatja", "od", "nadawca", "odesílatel", "odosielateľ", "pošiljatelj", "šalje", "feladó", "expeditor",
    "de la", "kimden", "gönderen", "από", "от", "от кого", "від", "від кого", "відправник", "отправитель", "од", "шаље",
    "发件人", "寄件者", "寄件人", "發件人", "差出人", "送信者", "送信元", "보낸 사람", "보낸사람", "보낸이", "발신", "từ", "người gửi",
    "dari", "nuo", "מאת", "من", "از", "จาก", "frá",
];

#[rustfmt::skip]
const DATE: &[&str] = &[
    "sent", "date", "sent on", "sent at", "date sent", "verzonden", "verstuurd", "verzonden op", "datum", "gesendet",
    "gesendet am", "envoyé", "envoyé le", "date d'envoi", "le", "enviado", "enviado el", "enviada em", "enviado em",
    "enviada", "fecha", "data", "inviato", "inviato il", "sendt", "dato", "skickat", "skickades", "lähetetty",
    "päivämäärä", "pvm", "päiväys", "saadetud", "kuupäev", "wysłano", "wysłane", "data wysłania", "odesláno", "odoslané",
    "dátum", "elküldve", "küldve", "küldés ideje", "trimis", "gönderildi", "gönderilme tarihi", "tarih",
    "gönderim tarihi", "στάλθηκε", "εστάλη", "ημερομηνία", "отправлено", "отправлен", "дата", "дата отправки",
    "надіслано", "відправлено", "изпратено", "послато", "датум", "发送时间", "发送日期", "日期", "時間", "时间", "寄件日期",
    "傳送時間", "發送時間", "送信日時", "送信日", "日時", "日付", "보낸 날짜", "보낸날짜", "보낸 시간", "날짜", "일시", "ngày",
    "đã gửi", "ngày gửi", "gửi", "vào ngày", "poslano", "dana", "išsiųsta", "nosūtīts", "enviat", "נשלח", "תאריך",
    "تاريخ الإرسال", "التاريخ", "أرسلت", "ارسال شده", "تاریخ", "ส่ง", "วันที่", "dikirim", "tanggal", "sent date", "sendur",
    "dagsetning",
];

#[rustfmt::skip]
const TO: &[&str] = &[
    "to", "aan", "an", "à", "pour", "destinataire", "para", "a", "per", "destinatario", "destinatário", "til", "till",
    "vastaanottaja", "saaja", "do", "adresat", "komu", "prima", "za", "címzett", "către", "catre", "kime", "alıcı",
    "προς", "кому", "до", "получатель", "отримувач", "за", "прима", "收件人", "收件者", "宛先", "受信者", "받는 사람",
    "받는사람", "받는이", "수신", "đến", "tới", "người nhận", "kepada", "ke", "kam", "per a", "אל", "إلى", "به", "ถึง",
];

#[rustfmt::skip]
const SUBJECT: &[&str] = &[
    "subject", "onderwerp", "betreff", "betrifft", "objet", "sujet", "asunto", "oggetto", "assunto", "emne", "ämne",
    "aihe", "teema", "temat", "předmět", "predmet", "věc", "naslov", "zadeva", "tárgy", "subiect", "konu", "θέμα", "тема",
    "относно", "наслов", "主题", "主旨", "標題", "件名", "題名", "제목", "chủ đề", "tiêu đề", "subjek", "perihal", "tema",
    "temats", "assumpte", "נושא", "الموضوع", "موضوع", "เรื่อง", "หัวเรื่อง", "efni",
];

#[rustfmt::skip]
const OTHER_FIELDS: &[&str] = &[
    "cc", "bcc", "kopie", "copie", "copia", "cópia", "kopia", "kopi", "kopio", "koopia", "dw", "udw", "másolat", "bilgi",
    "κοιν", "κοιν.", "копия", "копія", "копије", "抄送", "副本", "參考", "참조", "숨은참조", "đồng gửi", "tembusan", "סתק",
    "עותק", "نسخة", "สำเนา", "afrit", "vedhæftet", "importance", "importantie", "belang", "urgentie", "prioriteit",
    "priority", "priorität", "wichtigkeit", "importanza", "importancia", "priorité", "prioritet", "reply-to",
    "reply to", "antwoord aan", "beantwoorden - aan", "antwort an", "répondre à", "responder a", "rispondi a", "risposta",
    "attachments", "attachment", "bijlagen", "bijlage", "anlagen", "anlage", "pièces jointes", "pièce jointe", "allegati",
    "adjuntos", "anexos", "organization", "organisation", "organisatie", "organización", "organizzazione", "when",
    "where", "wanneer", "waar", "required", "optional", "resent-from", "resent-to", "resent-date", "sender",
];

/// What stands on a bar above a quoted or forwarded mail.
#[rustfmt::skip]
pub const BARS: &[&str] = &[
    "original message", "original email", "original e-mail", "original mail", "original appointment", "reply message",
    "forwarded message", "forwarded mail", "forwarded email", "forwarded by", "begin forwarded message",
    "end forwarded message", "start of forwarded message", "reply above this line", "original post", "quoted message",
    "oorspronkelijk bericht", "oorspronkelijke bericht", "origineel bericht", "originele bericht",
    "oorspronkelijke e-mail", "oorspronkelijke mail", "oorspronkelijke afspraak", "doorgestuurd bericht",
    "doorgestuurde bericht", "doorgezonden bericht", "begin doorgestuurd bericht", "antwoordbericht",
    "ursprüngliche nachricht", "urspruengliche nachricht", "originalnachricht", "original-nachricht",
    "ursprünglicher termin", "originaltermin", "weitergeleitete nachricht", "anfang der weitergeleiteten nachricht",
    "antwort nachricht", "antwortnachricht", "original nachricht", "weitergeleitete mail",
    "message d'origine", "message original", "message initial", "e-mail d'origine", "rendez-vous d'origine",
    "message transféré", "message réexpédié", "début du message transféré", "début du message réexpédié", "courriel original",
    "mensaje original", "mensaje reenviado", "inicio del mensaje reenviado", "comienzo del mensaje reenviado",
    "messaggio originale", "messaggio inoltrato", "inizio messaggio inoltrato", "messaggio originario",
    "mensagem original", "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada",
    "início da mensagem reencaminhada", "missatge original", "missatge reenviat",
    "oprindelig meddelelse", "oprindelig besked", "original meddelelse", "videresendt meddelelse", "videresendt besked",
    "start på videresendt besked", "oprindelig mail", "original besked", "opprinnelig melding", "original melding",
    "videresendt melding", "begynn videresendt melding", "start på videresendt melding", "opprinnelig e-post",
    "ursprungligt meddelande", "originalmeddelande", "vidarebefordrat meddelande", "vidarebefordrat brev",
    "börja vidarebefordrat meddelande", "alkuperäinen viesti", "välitetty viesti", "edelleenlähetetty viesti",
    "välitetty viesti alkaa", "algne kiri", "algne sõnum", "edastatud kiri",
    "wiadomość oryginalna", "oryginalna wiadomość", "treść oryginalnej wiadomości", "wiadomość przekazana",
    "przekazana wiadomość", "przesłana dalej wiadomość", "początek przekazanej wiadomości", "original wiadomość",
    "původní zpráva", "původní e-mail", "přeposlaná zpráva", "začátek přeposílané zprávy", "pôvodná správa",
    "preposlaná správa", "posredovano sporočilo", "izvirno sporočilo", "izvorna poruka", "originalna poruka",
    "proslijeđena poruka", "prosleđena poruka", "eredeti üzenet", "továbbított üzenet", "továbbított levél",
    "mesaj original", "mesajul original", "mesaj redirecționat", "orijinal mesaj", "orjinal mesaj", "özgün ileti",
    "asıl ileti", "yönlendirilen ileti", "iletilmiş mesaj", "iletilen mesaj", "yönlendirilmiş mesaj",
    "αρχικό μήνυμα", "προωθημένο μήνυμα", "исходное сообщение", "оригинальное сообщение", "исходное письмо",
    "пересылаемое сообщение", "пересланное сообщение", "пересылаемое письмо", "перенаправленное сообщение",
    "начало переадресованного сообщения", "оригінальне повідомлення", "вихідне повідомлення",
    "переслане повідомлення", "пересланий лист", "оригинално съобщение", "препратено съобщение",
    "原始邮件", "原始郵件", "原始訊息", "原始信息", "转发邮件", "转发的邮件", "轉寄郵件", "轉寄的郵件", "转发邮件信息", "原邮件", "回复的原邮件",
    "元のメッセージ", "転送メッセージ", "転送されたメッセージ", "original message のメッセージ", "원본 메시지", "원본 메일", "원본 이메일",
    "전달된 메시지", "전달된 메일", "thư gốc", "tin nhắn gốc", "thư đã chuyển tiếp", "tin nhắn đã chuyển tiếp",
    "pesan asli", "pesan terusan", "pesan yang diteruskan", "הודעה מקורית", "הודעה שהועברה", "الرسالة الأصلية",
    "رسالة محولة", "پیام اصلی", "ข้อความต้นฉบับ", "ข้อความที่ส่งต่อ", "upprunaleg skilaboð",
];

/// The verb of "On … Ann wrote:", as whole words.
#[rustfmt::skip]
pub const WROTE: &[&str] = &[
    "wrote", "writes", "has written", "said", "says", "schreef", "geschreven", "schrijft", "het volgende", "schrieb",
    "schrieben", "geschrieben", "schreibt", "schrieb folgendes", "schrieben sie", "folgendes", "écrit", "ecrit", "écrivait",
    "a dit", "escribió", "escribio", "ha escrito", "scritto", "scrive", "escreveu", "escreveu o seguinte", "va escriure",
    "ha escrit", "escribiu", "skrev", "skreiv", "skriver", "skrev følgende", "skrev följande", "skrifaði", "kirjoitti",
    "kirjutas", "napisał", "napisała", "napisał(a)", "napisał/a", "pisze", "nadesłał", "nadesłała", "napsal", "napsala",
    "napsal(a)", "napsal/a", "napísal", "napísala", "napísal(a)", "napísal/a", "napisal", "napisala", "napisal/-a",
    "napisao", "napisao je", "napisala je", "napisao/la", "je napisao", "je napisala", "je napisao/la", "napisao(la)",
    "írta", "ezt írta", "a következőt írta", "a scris", "yazdı", "şunu yazdı", "şunları yazdı", "έγραψε", "написал",
    "написала", "написал(а)", "написали", "пишет", "пишете", "пише", "написав", "написав(ла)", "написав(-ла)", "написа",
    "написао", "написао/ла", "је написао", "đã viết", "viết", "menulis", "rašė", "rakstīja", "shkroi", "כתב", "כתבה",
    "כתב/ה", "كتب", "كتبت", "نوشت",
];

/// The same in scripts that put no blanks between words: only at the end.
#[rustfmt::skip]
pub const WROTE_UNSPACED: &[&str] = &[
    "写道", "寫道", "写到", "のメッセージ", "のメール", "は書きました", "が書きました", "書きました", "書き込みました", "님이 작성", "작성",
    "님이 작성하였습니다", "님이 작성했습니다", "작성하였습니다", "썼습니다", "님이 씀", "เขียนว่า", "เขียน",
];

/// With which words an attribution begins; names of days count too, see [`WEEKDAYS`].
#[rustfmt::skip]
pub const OPENINGS: &[&str] = &[
    "on", "at", "in message", "in a message", "op", "am", "le", "el", "il", "in data", "em", "no dia", "den", "dne", "dňa",
    "dnia", "w dniu", "dana", "pe", "på", "în", "la data", "στις", "την", "в", "у", "на", "vào", "lúc", "pada", "missatge de",
    "el dia", "в отговор на", "בתאריך", "ב-", "في", "بتاريخ", "در", "เมื่อ", "ในวันที่", "v", "dňa:", "il giorno", "il:",
];

/// Openings in scripts without blanks.
pub const OPENINGS_UNSPACED: &[&str] = &["在", "於", "于", "ในวันที่", "เมื่อ"];

/// How the names of days begin or are abbreviated, without full stops.
#[rustfmt::skip]
pub const WEEKDAYS: &[&str] = &[
    "mon", "monday", "tue", "tues", "tuesday", "wed", "wednesday", "thu", "thur", "thurs", "thursday", "fri", "friday",
    "sat", "saturday", "sun", "sunday", "ma", "maandag", "di", "dinsdag", "wo", "woensdag", "do", "donderdag", "vr",
    "vrijdag", "za", "zaterdag", "zo", "zondag", "mo", "montag", "dienstag", "mi", "mittwoch", "donnerstag", "fr",
    "freitag", "sa", "samstag", "sonnabend", "so", "sonntag", "lun", "lundi", "mar", "mardi", "mer", "mercredi", "jeu",
    "jeudi", "ven", "vendredi", "sam", "samedi", "dim", "dimanche", "lunes", "martes", "mié", "miércoles", "jue",
    "jueves", "vie", "viernes", "sáb", "sábado", "dom", "domingo", "lunedì", "martedì", "mercoledì", "gio", "giovedì",
    "venerdì", "sab", "sabato", "domenica", "seg", "segunda", "segunda-feira", "ter", "terça", "terça-feira", "qua",
    "quarta", "quarta-feira", "qui", "quinta", "quinta-feira", "sex", "sexta", "sexta-feira", "man", "mandag", "tir",
    "tirsdag", "tirs", "ons", "onsdag", "tor", "tors", "torsdag", "fre", "fredag", "lør", "lørdag", "søn", "søndag",
    "mån", "måndag", "tis", "tisdag", "lör", "lördag", "sön", "söndag", "maanantai", "ti", "tiistai", "ke",
    "keskiviikko", "to", "torstai", "pe", "perjantai", "la", "lauantai", "su", "sunnuntai", "pon", "poniedziałek", "wt",
    "wtorek", "śr", "środa", "czw", "czwartek", "pt", "piątek", "sob", "sobota", "niedz", "nie", "niedziela", "po",
    "pondělí", "út", "úterý", "st", "středa", "čt", "čtvrtek", "pá", "pátek", "ne", "neděle", "pondelok", "ut", "utorok",
    "streda", "št", "štvrtok", "pi", "piatok", "nedeľa", "hétfő", "h", "kedd", "k", "szerda", "sze", "csütörtök", "cs",
    "péntek", "p", "szombat", "szo", "vasárnap", "v", "luni", "marți", "mie", "miercuri", "joi", "vin", "vineri", "dum",
    "duminică", "pzt", "pazartesi", "sal", "salı", "çar", "çarşamba", "per", "perşembe", "cum", "cuma", "cmt",
    "cumartesi", "paz", "pazar", "пн", "понедельник", "понеділок", "вт", "вторник", "вівторок", "ср", "среда", "середа",
    "чт", "четверг", "четвер", "пт", "пятница", "пʼятниця", "п'ятниця", "сб", "суббота", "субота", "вс", "воскресенье",
    "нд", "неділя", "понеделник", "сряда", "четвъртък", "петък", "събота", "неделя", "ponedjeljak", "ponedeljek", "uto",
    "sri", "čet", "pet", "ned", "tor.", "sre", "dl", "dt", "dc", "dj", "dv", "ds", "dg", "esmaspäev", "teisipäev",
    "δευ", "τρί", "τετ", "πέμ", "παρ", "σάβ", "κυρ",
];

/// Names of months where they stand before the day.
#[rustfmt::skip]
pub const MONTHS: &[&str] = &[
    "jan", "january", "feb", "february", "mar", "march", "apr", "april", "may", "jun", "june", "jul", "july", "aug",
    "august", "sep", "sept", "september", "oct", "october", "nov", "november", "dec", "december",
];

/// Words by which a writer speaks of themselves: no program puts them into an attribution.
#[rustfmt::skip]
pub const SELF: &[&str] = &[
    "i", "i've", "we", "we've", "ik", "wij", "jullie", "ich", "wir", "habe", "j'ai", "ai", "avons", "he", "hemos", "ho",
    "abbiamo", "jeg", "jag", "minä", "я", "мы", "ми",
];

/// How lines begin that programs on telephones and free mail services add.
#[rustfmt::skip]
pub const MOBILE: &[&str] = &[
    "sent from", "sent via ", "sent with ", "sent by ", "sent using ", "sent on the go", "sent on my ", "sent through ",
    "sent mobile", "get outlook for ", "download outlook", "outlook for ", "from my iphone", "from my ipad",
    "from my android", "from my samsung", "from my blackberry", "from my phone", "from my mobile", "composed on ",
    "typed on my ", "written on my ", "verstuurd vanaf", "verstuurd vanuit", "verstuurd met ", "verstuurd via ",
    "verstuurd van ", "verstuurd door ", "verzonden vanaf", "verzonden vanuit", "verzonden met ", "verzonden via ",
    "verzonden van ", "verzonden door ", "vanaf mijn ", "outlook voor ", "outlook downloaden", "gesendet von ",
    "gesendet mit ", "gesendet über ", "gesendet via ", "gesendet aus ", "von meinem ", "von meiner ", "vom ",
    "von unterwegs", "diese nachricht wurde von mein", "diese e-mail wurde von mein", "diese nachricht wurde mit ",
    "outlook für ", "holen sie sich outlook", "envoyé de ", "envoyé depuis ", "envoyé à partir d", "envoyé avec ",
    "envoyé via ", "envoyé par ", "envoyé d'", "obtenir outlook", "obtenez outlook", "télécharger outlook",
    "téléchargez outlook", "outlook pour ", "de mon iphone", "enviado desde ", "enviado de ", "enviado do ", "enviado da ",
    "enviado con ", "enviado com ", "enviado via ", "enviado a partir d", "enviado pelo ", "enviado mediante ",
    "obtener outlook", "obtenga outlook", "obter o outlook", "baixe o outlook", "outlook para ", "enviat des d",
    "inviato da", "inviato dal ", "inviato con ", "inviato tramite ", "ottieni outlook", "scarica outlook", "outlook per ",
    "sendt fra ", "sendt med ", "sendt via ", "hent outlook", "få outlook", "skaff outlook", "skickat från ", "skickat via ",
    "skickat med ", "skickades från ", "från min ", "hämta outlook", "lähetetty ", "hanki outlook", "saadetud minu ",
    "wysłano z ", "wysłane z ", "wysłano przez ", "wysłano za ", "pobierz ", "odesláno z", "odesláno pomocí ", "získejte ",
    "stáhnout outlook", "odoslané z", "odoslané pomocou ", "elküldve a", "küldve a", "iphone-ról", "az outlook ", "trimis de pe ",
    "trimis din ", "trimis prin ", "obțineți outlook", "gönderildi", "iphone'umdan ", "ipad'imden ", "android için ",
    "ios için ", "στάλθηκε από ", "εστάλη από ", "αποστολή από ", "отправлено с", "отправлено из ", "отправлено через ",
    "отправлено от ", "скачать outlook", "надіслано з", "надіслано через ", "відправлено з", "изпратено от ", "poslano s",
    "poslano iz ", "poslato sa ", "从我的", "發自我的", "发自我的", "從我的", "发自", "來自我的", "来自我的", "傳自我的", "获取适用于", "取得 outlook",
    "取得適用於", "iphoneから送信", "ipadから送信", "androidから送信", "outlook for ios を入手", "나의 ", "내 iphone", "내 ipad", "내 갤럭시", "내 ",
    "iphone에서 보냄", "được gửi từ ", "đã gửi từ ", "gửi từ ", "dikirim dari ", "נשלח מ", "أُرسلت من ", "تم الإرسال من ",
    "مرسل من ", "ارسال شده از ", "ส่งจาก", "poslané z ", "išsiųsta iš ", "dërguar nga ",
];

/// How such lines end in languages that put the device first.
#[rustfmt::skip]
pub const MOBILE_ENDINGS: &[&str] = &[
    " from mobile", " gesendet", " gesendet.", "から送信", "에서 보냄", "에서 보낸 메일", "発送", "发送", "傳送", "發送", " gönderildi",
    " küldve", "-ról küldve", "-emről küldve", " verzonden", " verstuurd",
];

/// What a line names that was added by such a program.
#[rustfmt::skip]
pub const DEVICES: &[&str] = &[
    "iphon", "ipad", "ipod", "android", "samsung", "galaxy", "blackberry", "windows", "outlook", "phone", "mobile", "mobil",
    "nokia", "huawei", "xiaomi", "redmi", "oneplus", "pixel", "sony", "htc", "yahoo", "gmail", "mail", "proton", "tablet",
    "telefo", "téléphone", "smartphone", "handy", "gsm", "toestel", "apparaat", "gerät", "device", "mac", "watch", "aol",
    "spark", "app", "mobiel", "móvil", "matkapuh", "komór", "телефон", "сматрфон", "смартфон", "手机", "手機", "nexus", "motorola", "k-9", "typeapp",
    "airmail", "sparrow", "thunderbird", "mailbox", "superhuman", "zoho", "gmx", "celular", "ziggo", "kpn",
];

/// Words with which a letter ends before the name, without the comma behind them.
#[rustfmt::skip]
pub const FAREWELLS: &[&str] = &[
    // English
    "regards", "best regards", "kind regards", "kindest regards", "warm regards", "warmest regards", "with kind regards",
    "with best regards", "best", "all the best", "best wishes", "with best wishes", "cheers", "sincerely",
    "yours sincerely", "sincerely yours", "yours faithfully", "yours truly", "yours", "respectfully", "take care", "thanks",
    "many thanks", "thanks a lot", "thanks again", "thank you", "thank you very much", "thanks and regards",
    "thanks & regards", "thanks in advance", "thank you in advance", "thanks so much", "thx", "rgds", "br", "kr", "cordially",
    "with thanks", "much appreciated", "best, and thanks", "love", "xoxo", "talk soon", "kind greetings", "greetings",
    // Dutch
    "groet", "groeten", "groetjes", "gr", "grt", "mvg", "m.v.g", "met vriendelijke groet", "met vriendelijke groeten",
    "vriendelijke groet", "vriendelijke groeten", "hartelijke groet", "hartelijke groeten", "met hartelijke groet",
    "met hartelijke groeten", "beste groet", "beste groeten", "met beste groet", "warme groet", "zonnige groet",
    "hoogachtend", "met hoogachting", "bedankt", "alvast bedankt", "bij voorbaat dank", "dank", "dank je", "dank u",
    "dank je wel", "dank u wel", "dankjewel", "dankuwel", "bvd", "b.v.d", "vr. gr", "vr.gr", "vrgr", "vriendelijk gegroet",
    "met vriendelijke groet,", "fijne dag", "fijn weekend", "tot ziens", "liefs", "mvrgr",
    // German
    "grüße", "grüsse", "gruesse", "gruß", "gruss", "viele grüße", "viele grüsse", "viele gruesse", "beste grüße",
    "beste grüsse", "besten gruß", "liebe grüße", "liebe grüsse", "lieber gruß", "schöne grüße", "herzliche grüße",
    "herzliche grüsse", "freundliche grüße", "freundliche grüsse", "freundlicher gruß", "mit freundlichen grüßen",
    "mit freundlichen grüssen", "mit freundlichen gruessen", "mit freundlichem gruß", "mit freundlichem gruss",
    "mit besten grüßen", "mit herzlichen grüßen", "mit vielen grüßen", "mit lieben grüßen", "hochachtungsvoll", "mfg", "lg",
    "vg", "bg", "vielen dank", "danke", "danke schön", "vielen dank und viele grüße", "besten dank", "herzlichen dank",
    "danke im voraus", "vielen dank im voraus", "ihr", "ihre", "dein", "deine", "grüezi", "schöne grüsse",
    // French
    "cordialement", "bien cordialement", "très cordialement", "amicalement", "bien à vous", "bien à toi", "salutations",
    "sincères salutations", "meilleures salutations", "salutations distinguées", "sincèrement", "respectueusement",
    "merci", "merci d'avance", "merci beaucoup", "bonne journée", "bonne soirée", "bonne réception", "belle journée", "cdt",
    "cdlt", "bàv", "à bientôt", "bises", "bonne fin de journée", "merci et bonne journée",
    // Spanish, Portuguese, Italian, Catalan, Romanian
    "saludos", "un saludo", "saludos cordiales", "cordiales saludos", "un cordial saludo", "atentamente", "cordialmente",
    "atte", "gracias", "muchas gracias", "gracias de antemano", "un abrazo", "atenciosamente", "att", "cumprimentos",
    "com os melhores cumprimentos", "melhores cumprimentos", "obrigado", "obrigada", "muito obrigado", "abraço", "abraços",
    "saudações", "cordiali saluti", "saluti", "distinti saluti", "un saluto", "un cordiale saluto", "grazie",
    "grazie mille", "salutacions", "cu stimă", "cu respect", "mulțumesc", "o zi bună", "toate cele bune",
    // Danish, Norwegian, Swedish, Finnish, Estonian, Icelandic
    "hilsen", "hilsner", "med venlig hilsen", "med venlige hilsner", "venlig hilsen", "venlige hilsner", "bedste hilsner",
    "de bedste hilsner", "mange hilsner", "mvh", "m.v.h", "vh", "dbh", "kh", "kærlig hilsen", "knus", "tak",
    "på forhånd tak", "mange tak", "med vennlig hilsen", "vennlig hilsen", "beste hilsen", "takk", "på forhånd takk",
    "mange takk", "med vänlig hälsning", "med vänliga hälsningar", "vänlig hälsning", "vänliga hälsningar", "hälsning",
    "hälsningar", "bästa hälsningar", "med bästa hälsningar", "varma hälsningar", "många hälsningar", "hälsn", "tack",
    "tack på förhand", "ystävällisin terveisin", "terveisin", "parhain terveisin", "yt", "t", "kiitos", "kiittäen",
    "lugupidamisega", "tervitades", "kveðja", "bestu kveðjur", "með kveðju",
    // Polish, Czech, Slovak, Slovene, Croatian, Hungarian
    "pozdrawiam", "pozdrawiam serdecznie", "serdecznie pozdrawiam", "pozdrowienia", "z poważaniem", "z powazaniem",
    "z wyrazami szacunku", "łączę pozdrowienia", "dziękuję", "dzięki", "z pozdrowieniami", "s pozdravem",
    "s přátelským pozdravem", "s úctou", "děkuji", "děkujeme", "děkuji a s pozdravem", "hezký den", "s přáním hezkého dne",
    "zdraví", "s pozdravom", "ďakujem", "lep pozdrav", "lp", "s spoštovanjem", "srdačan pozdrav", "lijep pozdrav",
    "pozdrav", "s poštovanjem", "hvala", "üdvözlettel", "tisztelettel", "köszönettel", "köszönöm", "üdv",
    // Turkish, Greek, Russian, Ukrainian, Bulgarian
    "saygılarımla", "saygılar", "iyi çalışmalar", "teşekkürler", "selamlar", "με εκτίμηση", "φιλικά", "ευχαριστώ",
    "с уважением", "с наилучшими пожеланиями", "спасибо", "благодарю", "всего доброго", "з повагою", "дякую",
    "з найкращими побажаннями", "поздрави", "с уважение", "благодаря",
    // Chinese, Japanese, Korean, Vietnamese, Hebrew
    "此致", "敬礼", "谢谢", "謝謝", "祝好", "顺祝商祺", "敬具", "よろしくお願いします", "よろしくお願いいたします", "宜しくお願いします",
    "宜しくお願い致します", "よろしくお願い致します", "以上", "감사합니다", "고맙습니다", "안부 전합니다", "좋은 하루 되세요", "드림", "trân trọng",
    "cảm ơn", "thân mến", "בברכה", "תודה", "בכבוד רב", "مع أطيب التحيات", "شكرا", "hormat saya", "terima kasih", "salam",
];

/// Words of legal notices that mail servers hang under a mail. Two different ones make a notice.
#[rustfmt::skip]
pub const LEGAL: &[&str] = &[
    "confidential", "privileged", "intended recipient", "addressee", "intended solely", "intended only", "unauthorised",
    "unauthorized", "in error", "disclaimer", "prohibited", "legally", "liability", "delete", "vertrouwelijk",
    "geadresseerde", "bestemd voor", "ten onrechte", "onbedoeld", "aansprakelijk", "rechten worden ontleend", "verwijderen",
    "niet toegestaan", "vernietigen", "vertraulich", "empfänger", "irrtümlich", "unbefugt", "vernichten", "nicht gestattet",
    "haftung", "confidentiel", "destinataire", "par erreur", "strictement", "interdit", "confidencial", "destinatario",
    "por error", "prohibid", "riservat", "per errore", "destinatário", "por engano", "fortrolig", "modtager", "mottaker",
    "konfidentiell", "mottagare", "luottamukselli", "poufn", "adresat", "omyłk", "důvěrn", "omylem", "конфиденциальн",
];

/// How legal notices begin.
#[rustfmt::skip]
pub const LEGAL_OPENINGS: &[&str] = &[
    "disclaimer", "this e-mail", "this email", "this message", "this communication", "the information contained",
    "the information in this", "the contents of this", "the content of this", "confidential", "confidentiality", "privileged", "notice:", "important notice", "legal notice",
    "caution", "warning:", "private and confidential", "deze e-mail", "deze email", "deze mail", "dit bericht",
    "dit e-mailbericht", "dit emailbericht", "de informatie", "de inhoud van", "aan dit bericht", "aan deze e-mail",
    "aan de inhoud", "proclaimer", "waarschuwing:", "diese e-mail", "diese email", "diese nachricht", "der inhalt dieser",
    "die information", "wichtiger hinweis", "hinweis:", "achtung:", "vertraulich", "ce message", "ce courriel",
    "cet e-mail", "ce mail", "les informations", "este mensaje", "este correo", "la información", "aviso", "advertencia:",
    "confidencialidad", "le informazioni", "questo messaggio", "questa e-mail", "questa email", "il presente messaggio",
    "avviso", "esta mensagem", "este e-mail", "as informações", "denne e-mail", "denne e-post", "denne mail",
    "denne meddelelse", "denne melding", "bemærk:", "fortroligt:", "advarsel:", "detta e-post", "detta meddelande",
    "varning:", "observera:", "tämä viesti", "tämä sähköposti", "ta wiadomość", "niniejsza wiadomość", "uwaga:", "tato zpráva",
    "tento e-mail", "upozornění:", "důvěrné:", "varování:", "это сообщение", "данное сообщение", "настоящее сообщение",
    "免责声明", "注意：", "重要信息", "주의:", "면책 조항", "비밀정보",
];

/// Of notes that ask to think before printing.
#[rustfmt::skip]
pub const PRINTING: &[&str] = &[
    "before printing", "before you print", "think before", "bericht afdrukt", "e-mail afdrukt", "mail afdrukt", "af te drukken",
    "denk aan het milieu", "an die umwelt", "ausdrucken", "avant d'imprimer", "antes de imprimir", "prima di stampare",
    "tænk på miljøet", "tänk på miljön",
];

/// How the banners begin that mail servers put above mails from outside.
pub const BANNER_OPENINGS: &[&str] = &[
    "caution",
    "external",
    "this email originated",
    "this message originated",
    "this e-mail originated",
    "warning",
    "let op",
    "extern",
    "deze e-mail komt van buiten",
    "achtung",
    "vorsicht",
    "attention",
    "pas op",
    "waarschuwing",
];

/// Words of such banners. Three different ones make a banner.
#[rustfmt::skip]
pub const BANNER: &[&str] = &[
    "outside", "external", "originated", "organization", "organisation", "organisatie", "company", "sender", "afzender", "absender",
    "expéditeur", "click", "klik", "cliquez", "links", "attachments", "bijlagen", "anhänge", "pièces jointes", "recognize",
    "recognise", "trust", "vertrouwt", "herken", "buiten de", "außerhalb", "l'extérieur",
];
