"""A browser game on a site of its own: serves its page, and gets short tokens for its players (see docs/clients.md).

    SKILLQUEST_KEY=sq_live_… python3 examples/browser_game/server.py 5173

The server key, with the scope `learners`, stays here; the page only gets a token of its own learner, for an hour. The
SkillQuest server at SKILLQUEST_URL needs CORS_ALLOWED_ORIGINS=http://localhost:5173.
"""

import json
import mimetypes
import os
import sys
import uuid
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

SKILLQUEST = os.environ.get("SKILLQUEST_URL", "http://localhost:8000")
API = f"{SKILLQUEST}/api/v1"
KEY = os.environ["SKILLQUEST_KEY"]
HERE = Path(__file__).resolve().parent
# As `npm install` puts it into node_modules/.
TRACKER = HERE.parents[1] / "clients" / "js" / "src"
FILES = {"/": HERE / "index.html", "/game.js": HERE / "game.js"}
FILES |= {f"/skillquest-tracker/{module.name}": module for module in TRACKER.glob("*.js")}
POLICY = f"default-src 'self'; connect-src 'self' {SKILLQUEST}"


def call(method, path, body):
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    with urlopen(Request(f"{API}/{path}", json.dumps(body).encode(), headers, method=method), timeout=15) as answer:
        return json.load(answer)


def token_for(player):
    """What the page needs to play as this player, who becomes a learner when they first come."""
    learner = call("PUT", f"learners/{player}", {"display_name": f"Player {player[:4]}"})
    token = call("POST", f"learners/{player}/token", {"ttl": 3600})
    return {"baseUrl": API, "person": learner["user_id"], "token": token["access_token"]}


class Game(BaseHTTPRequestHandler):
    def do_GET(self):
        file = FILES.get(self.path.partition("?")[0])
        if file is None:
            return self.send_error(404)
        return self.answer(file.read_bytes(), mimetypes.guess_type(file.name)[0])

    def do_POST(self):
        # A header that pages of other sites cannot send: nobody else gets a token for this browser's player.
        if self.path != "/token" or self.headers.get("X-Game") != "1" or not self.player():
            return self.send_error(404)
        try:
            return self.answer(json.dumps(token_for(self.player())).encode(), "application/json")
        except OSError as error:  # an HTTPError is one too
            return self.send_error(502, f"SkillQuest: {error}")

    def player(self):
        """The id that this browser got with the page. A game with accounts takes the id of the account."""
        cookie = SimpleCookie(self.headers.get("Cookie", "")).get("player")
        return cookie.value if cookie and cookie.value.isalnum() else None

    def answer(self, content, content_type):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", POLICY)
        if self.path == "/" and not self.player():
            cookie = f"player={uuid.uuid4().hex}; HttpOnly; SameSite=Strict; Max-Age=31536000"
            self.send_header("Set-Cookie", cookie)
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 5173
    print(f"The game is at http://localhost:{port}/", flush=True)
    ThreadingHTTPServer(("localhost", port), Game).serve_forever()
