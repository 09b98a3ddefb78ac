// Listening, and why it can't be done: in words that name the setting. It knows nothing of what is served.
import type { Server } from 'node:http';
import { type Config, ConfigError } from './config.ts';

type Address = Pick<Config, 'host' | 'port'>;

/** A port that another process has: a right setting, at the wrong time. */
export class PortInUse extends Error {
  override name = 'PortInUse';
}

function refusalOf({ code, message }: NodeJS.ErrnoException, { host, port }: Address): Error {
  const atHost = `--host ${host} (WEIR_HOST)`;
  const atPort = `--port ${port} (WEIR_PORT)`;
  switch (code) {
    case 'EADDRINUSE':
      return new PortInUse(`${atPort} is in use at ${host}. Stop what listens there, or choose another one.`);
    case 'EACCES':
      return new ConfigError(`${atPort} is not for this user to listen on. From 1024 on they are.`);
    case 'EADDRNOTAVAIL':
      return new ConfigError(`${atHost} is no address of this computer. 0.0.0.0 stands for all that it has.`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ConfigError(`${atHost} is a name that is not known here. Say an address of this computer.`);
    default:
      return new ConfigError(`${atHost} can't be listened on (${message}). Say an address of this computer.`);
  }
}

/** @throws ConfigError, PortInUse */
export function listen(server: Server, { host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => reject(refusalOf(error, { host, port }));
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.removeListener('error', refuse);
      resolve();
    });
  });
}
