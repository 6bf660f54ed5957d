#!/usr/bin/python3
"""A small OAuth 2.0 issuer for tests: python3 token_server.py PORT

Every test has a realm of its own, /REALM/..., which exists as soon as it is named:

  POST /REALM/token       client_credentials, refresh_token, device_code (RFC 8628), authorization_code with PKCE
  POST /REALM/device      begins a device's login
  GET  /REALM/authorize   a browser's login: sends it back at once with a code, or with access_denied
  POST /REALM/revoke      takes back a refresh token (RFC 7009)
  POST /REALM/control     what a test wants: the answer is JSON with what happened so far
  POST /introspect        whether an access token counts (RFC 7662), for Dovecot

What control takes: user, lifetime (seconds), untold (no expires_in), rotate (0/1), down (0/1: HTTP 503), date (the Date
header), deny (0/1), approve (a user_code), revoke_grant (no refresh token counts
any more), revoke_all (no access token either), refuse (access tokens given so far count no more), pad (bytes of
padding in access tokens), grant (a fresh refresh token).
"""
import base64, hashlib, json, secrets, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "casepost", "client secret"
lock = threading.Lock()
realms, access = {}, {}


class Realm:
    def __init__(self):
        self.user, self.lifetime, self.untold, self.rotate, self.down = "", 3600.0, 0, 0, 0
        self.date, self.deny, self.pad = "", 0, 0
        self.refresh, self.used, self.devices, self.codes = {}, set(), {}, {}
        self.asked = []  # (grant_type, outcome), for control

    def give(self, name, refresh):
        token = secrets.token_urlsafe(24) + "x" * self.pad
        access[token] = {"realm": name, "user": self.user, "until": time.monotonic() + self.lifetime}
        answer = {"access_token": token, "token_type": "Bearer", "scope": "mail"}
        if not self.untold:
            answer["expires_in"] = int(self.lifetime)
        if refresh:
            answer["refresh_token"] = self.new_refresh()
        return 200, answer

    def new_refresh(self):
        token = secrets.token_urlsafe(24)
        self.refresh[token] = True
        return token

    def token(self, name, form):
        kind = form.get("grant_type", "")
        if form.get("client_id") != CLIENT or form.get("client_secret", SECRET) != SECRET:
            return 401, {"error": "invalid_client"}
        if kind == "client_credentials":
            if form.get("client_secret") != SECRET:
                return 401, {"error": "invalid_client"}
            return self.give(name, False)
        if kind == "refresh_token":
            token = form.get("refresh_token", "")
            if token in self.used:
                # Somebody uses a token that was replaced: all of its family is taken back (RFC 9700 section 4.14).
                self.refresh.clear()
                return 400, {"error": "invalid_grant", "error_description": "this refresh token was replaced"}
            if token not in self.refresh:
                return 400, {"error": "invalid_grant", "error_description": "the grant was taken back"}
            if self.rotate:
                del self.refresh[token]
                self.used.add(token)
            return self.give(name, bool(self.rotate))
        if kind == "urn:ietf:params:oauth:grant-type:device_code":
            device = self.devices.get(form.get("device_code", ""))
            if device is None:
                return 400, {"error": "invalid_grant"}
            if time.monotonic() > device["until"]:
                return 400, {"error": "expired_token"}
            if self.deny:
                return 400, {"error": "access_denied"}
            now = time.monotonic()
            early = now - device["asked"] < device["interval"] - 0.2
            device["asked"] = now
            if early:
                device["interval"] += 5
                return 400, {"error": "slow_down"}
            if not device["approved"]:
                return 400, {"error": "authorization_pending"}
            del self.devices[form["device_code"]]
            return self.give(name, True)
        if kind == "authorization_code":
            code = self.codes.pop(form.get("code", ""), None)
            if code is None or code["redirect_uri"] != form.get("redirect_uri"):
                return 400, {"error": "invalid_grant"}
            digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != code["challenge"]:
                return 400, {"error": "invalid_grant", "error_description": "the verifier is another"}
            return self.give(name, True)
        return 400, {"error": "unsupported_grant_type"}

    def device(self, host, name, form):
        if form.get("client_id") != CLIENT:
            return 401, {"error": "invalid_client"}
        code, user_code = secrets.token_urlsafe(16), secrets.token_hex(4).upper()
        now = time.monotonic()
        self.devices[code] = {"user_code": user_code, "approved": False, "asked": now, "interval": 1, "until": now + 60}
        where = f"http://{host}/{name}/activate"
        return 200, {"device_code": code, "user_code": user_code, "verification_uri": where, "expires_in": 60, "interval": 1}

    def control(self, name, form):
        answer = {}
        for key, value in form.items():
            if key in ("user", "date"):
                setattr(self, key, value)
            elif key == "lifetime":
                self.lifetime = float(value)
            elif key in ("untold", "rotate", "down", "deny", "pad"):
                setattr(self, key, int(value))
            elif key == "approve":
                for device in self.devices.values():
                    device["approved"] |= device["user_code"] == value
            elif key in ("revoke_all", "revoke_grant"):
                self.refresh.clear()
            elif key == "grant":
                answer["refresh_token"] = self.new_refresh()
        if "refuse" in form or "revoke_all" in form:
            for token in [t for t, known in access.items() if known["realm"] == name]:
                del access[token]
        answer["asked"] = self.asked
        answer["refresh_tokens"] = list(self.refresh)
        answer["access_tokens"] = [t for t, known in access.items() if known["realm"] == name]
        answer["user_codes"] = [d["user_code"] for d in self.devices.values()]
        return 200, answer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    realm_date = ""

    def date_time_string(self, timestamp=None):
        return self.realm_date or super().date_time_string(timestamp)

    def answer(self, status, content, headers=()):
        body = json.dumps(content).encode()
        self.send_response(status)
        for key, value in headers:
            self.send_header(key, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def form(self, text):
        return {key: values[0] for key, values in parse_qs(text).items()}

    def do_POST(self):
        form = self.form(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        parts = self.path.strip("/").split("/")
        with lock:
            if parts == ["introspect"]:
                known = access.get(form.get("token", ""))
                if known is None or time.monotonic() > known["until"]:
                    return self.answer(200, {"active": False})
                return self.answer(200, {"active": True, "username": known["user"], "scope": "mail"})
            if len(parts) != 2:
                return self.answer(404, {"error": "not_found"})
            name, what = parts
            realm = realms.setdefault(name, Realm())
            self.realm_date = realm.date
            if what == "control":
                return self.answer(*realm.control(name, form))
            if realm.down:
                realm.asked.append([form.get("grant_type", what), "down"])
                return self.answer(503, {"error": "temporarily_unavailable"})
            if what == "token":
                status, content = realm.token(name, form)
            elif what == "device":
                status, content = realm.device(self.headers.get("Host", ""), name, form)
            elif what == "revoke":
                realm.refresh.pop(form.get("token", ""), None)
                status, content = 200, {}
            else:
                status, content = 404, {"error": "not_found"}
            realm.asked.append([form.get("grant_type", what), content.get("error", "ok")])
            self.answer(status, content)

    def do_GET(self):
        url = urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        form = self.form(url.query)
        with lock:
            if len(parts) != 2 or parts[1] != "authorize":
                return self.answer(404, {"error": "not_found"})
            realm = realms.setdefault(parts[0], Realm())
            right = form.get("client_id") == CLIENT and form.get("response_type") == "code"
            if not right or form.get("code_challenge_method") != "S256":
                return self.answer(400, {"error": "invalid_request"})
            back = {"state": form.get("state", "")}
            if realm.deny:
                back["error"] = "access_denied"
            else:
                back["code"] = secrets.token_urlsafe(16)
                realm.codes[back["code"]] = {"challenge": form["code_challenge"], "redirect_uri": form["redirect_uri"]}
            self.answer(302, {}, [("Location", form["redirect_uri"] + "?" + urlencode(back))])

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
