import { createServer } from 'node:http';
import { SignJWT, jwtVerify } from 'jose';
import { WebSocketServer } from 'ws';

/** `sessions`: value of the cookie `session` -> user id. Your login fills it and sets the cookie HttpOnly, SameSite=Lax. */
export function createMinimalServer({ secret, sessions, onMessage, lifeS = 900, warnS = 60, helloS = 10 }) {
  const key = new TextEncoder().encode(secret);

  const http = createServer(async (request, response) => {
    const answer = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.method !== 'POST' || request.url !== '/auth/refresh') return answer(404, {});
    const user = sessions.get(/(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]);
    if (!user) return answer(401, { error: 'session_expired' });
    const exp = Math.floor(Date.now() / 1000) + lifeS;
    const token = await new SignJWT({ sub: user, exp }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    return answer(200, { access_token: token, expires_in: lifeS });
  });

  new WebSocketServer({ server: http, path: '/ws', maxPayload: 1_000_000 }).on('connection', socket => {
    const send = frame => socket.send(JSON.stringify(frame));
    const close = code => socket.close(1008, JSON.stringify({ code }));
    let user, warning;
    let end = setTimeout(close, helloS * 1000, 'auth_timeout');

    async function adopt(token, id) {
      const { payload } = await jwtVerify(`${token}`, key, { algorithms: ['HS256'] }).catch(() => ({}));
      if (socket.readyState !== socket.OPEN) return;
      const code = !payload ? 'token_invalid' : user && payload.sub !== user ? 'subject_mismatch' : null;
      if (code) send({ type: 'auth_error', id, code, retryable: false });
      if (code && (!user || payload)) close(code); // after a bad refresh the socket still has its current token
      if (code) return;
      user = payload.sub;
      const leftS = payload.exp - Date.now() / 1000;
      [end, warning].forEach(clearTimeout);
      end = setTimeout(close, leftS * 1000, 'token_expired');
      warning = setTimeout(send, (leftS - warnS) * 1000, { type: 'auth_expiring_soon', expires_in: warnS });
      send({ type: 'auth_ok', id, expires_in: leftS });
    }

    socket.on('message', data => {
      let frame;
      try {
        frame = JSON.parse(data);
      } catch {}
      if (!user) return frame?.type === 'auth' ? adopt(frame.token) : close('auth_required');
      if (frame?.type === 'auth_refresh') return adopt(frame.token, frame.id);
      if (frame?.type === 'ping') return send({ type: 'pong' });
      onMessage(user, frame, send);
    });
    socket.on('error', () => {}); // told by the close that follows
    socket.on('close', () => [end, warning].forEach(clearTimeout));
  });
  return http; // http.listen(8080)
}
