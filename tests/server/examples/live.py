"""The token endpoint and the socket, for a Django project with Channels."""

import asyncio
import json
import time

import jwt
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

LIFE_S = getattr(settings, "LIVE_TOKEN_LIFE_S", 900)
WARN_S = getattr(settings, "LIVE_TOKEN_WARN_S", 60)
HELLO_S = getattr(settings, "LIVE_HELLO_S", 10)


# It changes nothing, no other site can read the answer, and a 403 of the CSRF check would mean "not now" for ever.
@csrf_exempt
@require_POST
def refresh(request):
    if not request.user.is_authenticated:
        return JsonResponse({"error": "session_expired"}, status=401)
    claims = {"sub": str(request.user.pk), "exp": int(time.time()) + LIFE_S}
    token = jwt.encode(claims, settings.LIVE_TOKEN_KEY, algorithm="HS256")
    return JsonResponse({"access_token": token, "expires_in": LIFE_S})


def read_token(token):
    try:
        return jwt.decode(
            token, settings.LIVE_TOKEN_KEY, algorithms=["HS256"], options={"require": ["exp", "sub"]}
        )
    except jwt.PyJWTError:
        return None


class LiveConsumer(AsyncWebsocketConsumer):
    async def connect(self):
        self.user = None
        self.timers = []
        await self.accept()
        self.after(HELLO_S, self.end, "auth_timeout")

    async def receive(self, text_data=None, bytes_data=None):
        try:
            frame = json.loads(text_data)
        except (TypeError, ValueError):
            frame = None
        kind = frame.get("type") if isinstance(frame, dict) else None
        if self.user is None and kind != "auth":
            await self.end("auth_required")
        elif self.user is None:
            await self.adopt(frame.get("token"))
        elif kind == "auth_refresh":
            await self.adopt(frame.get("token"), id=frame.get("id"))
        elif kind == "ping":
            await self.say(type="pong")
        else:
            await self.on_message(frame)

    async def on_message(self, frame):
        """Yours."""
        await self.say(type="thanks", user=self.user)

    async def adopt(self, token, **echo):
        claims = read_token(token)
        if claims is None or self.user not in (None, claims["sub"]):
            code = "token_invalid" if claims is None else "subject_mismatch"
            await self.say(type="auth_error", code=code, retryable=False, **echo)
            # After a bad refresh the socket still has its current token.
            if self.user is None or claims is not None:
                await self.end(code)
            return
        self.user = claims["sub"]
        left = claims["exp"] - time.time()
        self.stop_timers()
        self.after(left, self.end, "token_expired")
        self.after(left - WARN_S, self.warn)
        await self.say(type="auth_ok", expires_in=left, **echo)

    async def warn(self):
        await self.say(type="auth_expiring_soon", expires_in=WARN_S)

    async def end(self, code):
        # Daphne sends no reason and refuses 1008: so the end of a token is told in a frame, and the code is one of ours.
        if code == "token_expired":
            await self.say(type="session_expired")
        await self.close(code=4008, reason=json.dumps({"code": code}))

    async def say(self, **frame):
        await self.send(text_data=json.dumps(frame))

    def after(self, seconds, action, *args):
        async def wait():
            await asyncio.sleep(max(0, seconds))
            await action(*args)

        self.timers.append(asyncio.ensure_future(wait()))

    def stop_timers(self):
        for timer in self.timers:
            timer.cancel()
        self.timers = []

    async def disconnect(self, code):
        self.stop_timers()
