import http from 'node:http';
import net from 'node:net';
import { resetSocket } from './resetSocket';

const HOST = '127.0.0.1';

/** Passes a request on to a port of this machine, and its answer back. No answer there is none here. */
export function relayRequest(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  to: { port: number; agent?: http.Agent },
): void {
  const { method, url: path, headers } = request;
  const upstream = http.request({ ...to, host: HOST, method, path, headers }, answer => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
    answer.once('error', () => response.destroy());
  });
  upstream.once('error', () => request.socket.destroy());
  response.once('close', () => upstream.destroy());
  request.pipe(upstream);
}

/** Joins an upgrade to a port of this machine, byte by byte: what ends one side ends the other in the same way. */
export function relayUpgrade(
  request: http.IncomingMessage,
  client: net.Socket,
  head: Buffer,
  to: { port: number },
): void {
  const upstream = net.connect({ ...to, host: HOST, allowHalfOpen: true, noDelay: true });
  client.setNoDelay(true);
  upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${rawHeaders(request)}\r\n`);
  upstream.write(head);
  client.pipe(upstream);
  upstream.pipe(client);
  upstream.on('error', () => resetSocket(client));
  client.on('error', () => resetSocket(upstream));
  upstream.once('close', () => client.destroy());
  client.once('close', () => upstream.destroy());
}

function rawHeaders({ rawHeaders: raw }: http.IncomingMessage): string {
  let text = '';
  for (let index = 0; index < raw.length; index += 2) text += `${raw[index]}: ${raw[index + 1]}\r\n`;
  return text;
}
