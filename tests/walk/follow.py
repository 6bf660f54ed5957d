"""Follows the README's tutorial word by word, and holds what happens against what it shows.

    follow.py README ROOT [--renew]

ROOT is the folder of a Debian that tests/walk/run made, with the provider's servers running in it. In the tutorial

- a block ```console is typed into a shell of root in ROOT: lines with "$ " in front, and the answers to questions as they
  stand behind them. What follows each is what it must say.
- a block ```mail is sent: from the writer's own provider, signed, to port 25. A mail whose subject begins with "Re:" answers
  the newest letter in the writer's mailbox.
- a block ```letter is what somebody then has in their mailbox.

Days, hours, years, tokens and versions differ from walk to walk and are not compared, nor is the number of blanks; a line "…"
stands for any number of lines. --renew writes what was said into the README.
"""

import base64, email, email.policy, email.utils, hashlib, json, os, pty, re, select, smtplib, subprocess, sys, time
import urllib.request
from pathlib import Path

PROMPT = "walk-prompt-7b1f> "
PASSWORD = "secret"
SUPPORT = "support@lindeboom.example"
# Seconds; what is waited for comes within a few.
PATIENCE = 60
YEAR = time.strftime("%Y")


class Shell:
    """A shell of root in ROOT, on a terminal 120 columns wide, as a person has it."""

    def __init__(self, root):
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.environ.clear()
            os.environ.update(
                PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                HOME="/root", TERM="dumb", LANG="C.UTF-8", PS1=PROMPT, PS2="", USER="root", LOGNAME="root",
                DEBIAN_FRONTEND="noninteractive", NO_COLOR="1",
            )
            os.chroot(root)
            os.chdir("/root")
            os.execv("/bin/bash", ["bash", "--norc", "--noediting", "-i"])
        subprocess.run(["stty", "cols", "120", "rows", "50"], stdin=self.terminal, check=True)
        self.until(PROMPT)

    def until(self, *ends):
        """What is shown until it ends with one of these."""
        seen, until = "", time.monotonic() + PATIENCE
        while not any(seen.endswith(end) for end in ends):
            ready, _, _ = select.select([self.terminal], [], [], max(0, until - time.monotonic()))
            if not ready:
                sys.exit(f"the shell said no more; the end of what it said:\n{seen[-3000:]}")
            seen += os.read(self.terminal, 65536).decode("utf-8", "replace").replace("\r\n", "\n")
        return seen

    def type(self, command, shown):
        """What a command says. Its questions are answered as the tutorial shows."""
        os.write(self.terminal, command.encode() + b"\n")
        said = ""
        for ask, answer in shown:
            said += self.until(PROMPT, ask)
            if said.endswith(PROMPT):
                break
            os.write(self.terminal, answer.encode() + b"\n")
        if not said.endswith(PROMPT):
            said += self.until(PROMPT)
        return said.removesuffix(PROMPT).split("\n", command.count("\n") + 1)[-1].rstrip("\n")


def answers(lines):
    """The questions of a command as the tutorial shows them, with the answers."""
    questions = [re.fullmatch(r"(.*:)(?: (.*))?", line) for line in lines]
    found = [(question[1] + " ", question[2] or "") for question in questions if question]
    return [(ask, PASSWORD if ask.endswith("(not shown): ") else answer) for ask, answer in found]


class Provider:
    """Sends mail as the writers' provider does, and looks into mailboxes."""

    def __init__(self, root):
        self.root = Path(root)

    def mails(self, address, folder="."):
        box = self.root / "srv/mail" / address / folder
        files = [file for part in ("new", "cur") for file in (box / part).glob("*")]
        return sorted(files, key=lambda file: int(re.search(r"M(\d+)P", file.name)[1]) + int(file.name.split(".")[0]) * 10**6)

    def newest(self, address):
        mails = self.mails(address)
        return email.message_from_bytes(mails[-1].read_bytes(), policy=email.policy.default) if mails else None

    def send(self, text):
        head, _, body = text.partition("\n\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        writer = email.utils.parseaddr(fields["From"])[1]
        if fields["Subject"].startswith("Re: "):
            answered = self.newest(writer)
            fields["Subject"] = "Re: " + answered["Subject"].removeprefix("Re: ")
            fields["To"] = str(answered["Reply-To"] or answered["From"])
            fields["In-Reply-To"] = answered["Message-ID"]
            fields["References"] = " ".join(filter(None, [answered["References"], answered["Message-ID"]]))
        domain = writer.partition("@")[2]
        fields["Date"] = email.utils.formatdate(localtime=False)
        fields["Message-ID"] = email.utils.make_msgid(domain=domain)
        fields["MIME-Version"] = "1.0"
        fields["Content-Type"] = "text/plain; charset=utf-8"
        fields["Content-Transfer-Encoding"] = "8bit"
        lines = [f"{name}: {value}" for name, value in fields.items()]
        body = body.strip("\n") + "\n"
        mail = self.signature(lines, body, domain) + "\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")
        to = [address for _, address in email.utils.getaddresses([fields["To"]])]
        with smtplib.SMTP("127.0.0.1", 25, source_address=("127.0.0.2", 0)) as smtp:
            smtp.sendmail(writer, to, mail.encode(), mail_options=["BODY=8BITMIME"])

    def signature(self, lines, body, domain):
        """DKIM-Signature (RFC 6376), relaxed/relaxed."""
        relax = lambda text: re.sub(r"[ \t]+", " ", text).rstrip()
        body = "".join(relax(line) + "\r\n" for line in body.splitlines()).encode()
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        names = ":".join(line.split(":")[0] for line in lines)
        begun = f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=walk; h={names}; bh={digest}; b="
        signed = [re.sub(r"^([^:]+): *", lambda m: m[1].lower() + ":", relax(line)) + "\r\n" for line in lines]
        signed = "".join(signed) + "dkim-signature:" + begun
        key = self.root / "etc/walk" / f"{domain}.key"
        made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed.encode(), capture_output=True, check=True)
        return f"DKIM-Signature: {begun}{base64.b64encode(made.stdout).decode()}\r\n"


def text_of(letter):
    part = letter.get_body(("plain",))
    head = [f"{name}: {letter[name]}" for name in ("From", "To", "Cc", "Subject") if letter[name]]
    return "\n".join(head) + "\n\n" + part.get_content().replace("\r\n", "\n").strip("\n")


MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Mon|Tue|Wed|Thu|Fri|Sat|Sun"
WASHED = [
    (r"\b[0-9a-f]{10}\b", "COMMIT"),
    (r"\b[a-z2-7]{32}\b", "DIGEST"),
    (r"\+[A-Za-z0-9.]+@", "+TOKEN@"),
    (rf"\b({DAYS})\b", "DAY"),
    (rf"\b\d{{1,2}} ({MONTHS}|[JFMASOND][a-z]{{2}})\b", "DATE"),
    (r"\b20\d\d-\d\d-\d\d\b", "DATE"),
    (r"\b20\d\d\b", "YEAR"),
    (r"\b\d\d:\d\d(:\d\d)?\b", "HOUR"),
    (r"─+", "─"),
    (r"[ \t]+", " "),
]


def wash(line):
    for pattern, word in WASHED:
        line = re.sub(pattern, word, line)
    return line.strip()


def agrees(shown, said):
    """Whether what is shown is what was said; a line of "…" stands for any lines."""
    pattern = r"\n".join(r"(?:.*)" if line.strip() == "…" else re.escape(wash(line)) for line in shown.strip("\n").split("\n"))
    return re.fullmatch(pattern, "\n".join(wash(line) for line in said.strip("\n").split("\n")), re.DOTALL) is not None


def wait_for(what, is_there):
    until = time.monotonic() + PATIENCE
    while True:
        if found := is_there():
            return found
        if time.monotonic() > until:
            log = Path(sys.argv[2]) / "var/log/casepost"
            said = log.read_text()[-3000:] if log.exists() else "nothing: it was not started"
            sys.exit(f"waited {PATIENCE} s for {what}; the service says\n{said}")
        time.sleep(0.1)


def has_looked():
    try:
        with urllib.request.urlopen("http://127.0.0.1:9321/healthz", timeout=5) as answer:
            return any(json.load(answer)["last_fetch"].values())
    except OSError:
        return False


class Walk:
    def __init__(self, root):
        self.shell, self.provider, self.seen, self.faults = Shell(root), Provider(root), {}, 0

    def console(self, text):
        """Each command and what it says, as the block should be."""
        parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
        made = []
        for part in parts:
            lines = part.rstrip("\n").split("\n")
            length = 1
            while lines[length - 1].endswith("\\"):
                length += 1
            command, shown = "\n".join(lines[:length]), lines[length:]
            print(f"$ {command}", flush=True)
            is_dialogue = command.startswith("casepost init")
            said = self.shell.type(command.replace("-2026-", f"-{YEAR}-"), answers(shown) if is_dialogue else [])
            shown = "\n".join(shown)
            made.append(f"$ {command}\n" + self.held(command, shown, said))
        return "".join(made)

    def held(self, what, shown, said):
        if agrees(shown, said):
            if shown and "--renew" in sys.argv:
                # Up to what is left out as it was said, so that all times and numbers are those of one walk.
                lines = shown.split("\n")
                kept = next((at for at, line in enumerate(lines) if line.strip() == "…"), len(lines))
                shown = "\n".join([line.rstrip() for line in said.strip("\n").split("\n")[:kept]] + lines[kept:])
            return shown + "\n" if shown else ""
        self.faults += 1
        print(f"---- differs: {what}\n---- the README shows\n{shown}\n---- there was\n{said}\n----", flush=True)
        return "".join(line.rstrip() + "\n" for line in said.split("\n")) if said else ""

    def mail(self, text):
        print(text.split("\n")[0], flush=True)
        # What comes before the first look is of the time before casepost.
        wait_for("the service's first look into the mailbox", has_looked)
        before = len(self.provider.mails(SUPPORT, ".Handled"))
        self.provider.send(text)
        # casepost moves what it decided.
        wait_for("the mail to be handled", lambda: len(self.provider.mails(SUPPORT, ".Handled")) > before)

    def letter(self, text):
        to = email.utils.parseaddr(re.search(r"^To: (.*)$", text, re.MULTILINE)[1])[1]
        before = self.seen.get(to, 0)
        mails = wait_for(f"a letter to {to}", lambda: self.provider.mails(to)[before:])
        self.seen[to] = before + 1
        said = text_of(email.message_from_bytes(mails[0].read_bytes(), policy=email.policy.default))
        return self.held(f"letter to {to}", text.rstrip("\n"), said)

    def save_a_mail(self, file):
        """What the tutorial wants beforehand: a mail from outside, as the mailbox keeps it."""
        self.provider.send(f"From: Grace Hall <grace.hall@northwick.example>\nTo: {SUPPORT}\nSubject: Hello\n\nUntil Monday!")
        file.write_bytes(wait_for("a first mail", lambda: self.provider.mails(SUPPORT))[0].read_bytes())

    def block(self, kind, text):
        if kind == "console":
            return self.console(text)
        if kind == "letter":
            return self.letter(text)
        self.mail(text)
        return text


def main():
    readme, root = Path(sys.argv[1]), sys.argv[2]
    text = readme.read_text()
    begin = text.index("## Your first hour")
    end = text.index("\n## ", begin + 1)
    walk, made, at = Walk(root), [], begin
    walk.save_a_mail(Path(root) / "root/first.eml")
    for block in re.finditer(r"^```(console|mail|letter)\n(.*?)^```$", text[begin:end], re.MULTILINE | re.DOTALL):
        made.append(text[at : begin + block.start(2)])
        made.append(walk.block(block[1], block[2]))
        at = begin + block.end(2)
    if "--renew" in sys.argv:
        readme.write_text(text[:begin] + "".join(made) + text[at:])
    sys.exit(1 if walk.faults else 0)


main()
