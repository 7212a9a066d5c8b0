"""A helpdesk page with Ringside in it: EMBED_SECRET=… RINGSIDE_URL=http://127.0.0.1:3000 python3 python.py"""
import base64, hashlib, hmac, html, json, os, time
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

AGENTS = {
    "anna": {"id": "anna", "name": "Anna Petrova", "email": "anna@helpdesk.example", "extensions": ["101"]},
}


def ringside_token(id, name, email, extensions):
    """Who the agent is, signed: all that Ringside needs of a helpdesk."""
    part = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
    exp = int(time.time()) + 3600  # at most 24 hours
    claims = {"sub": str(id), "name": name, "email": email, "extensions": extensions}
    claims |= {"aud": "ringside", "exp": exp}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = hmac.new(os.environ["EMBED_SECRET"].encode(), text, hashlib.sha256).digest()
    return (text + b"." + part(signature)).decode()


PAGE = f"""<!doctype html>
<html lang="en">
<title>Tickets</title>
<h1>Tickets</h1>
<p>Call the customer: <a href="tel:+74951234567">+7 495 123-45-67</a></p>
<script type="module" src="{html.escape(os.environ.get("RINGSIDE_URL", "http://127.0.0.1:3000"))}/widget.js" data-token-url="/token" data-intercept-tel></script>"""


class Helpdesk(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/token":
            self.token()
        else:
            self.answer(200, "text/html; charset=utf-8", PAGE, {"Set-Cookie": "agent=anna; HttpOnly; SameSite=Lax"})

    def token(self):
        # Your helpdesk knows who is signed in; this one believes a cookie.
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("agent")
        agent = AGENTS.get(cookie.value) if cookie else None
        headers = {"Cache-Control": "no-store"}
        if agent:
            self.answer(200, "text/plain", ringside_token(**agent), headers)
        else:
            self.answer(401, "text/plain", "Log in first.", headers)

    def answer(self, status, type, text, headers):
        self.send_response(status)
        self.send_header("Content-Type", type)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Helpdesk)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
