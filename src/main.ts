// The process: reads its settings, starts the server, and ends it cleanly.
import pino from 'pino';
import pretty from 'pino-pretty';
import { ConfigError, helpText, readConfig } from './config.ts';
import { FolderRefusal, JournalRefusal } from './journal/port.ts';
import { PortInUse } from './listen.ts';
import { startServer } from './server.ts';

const say = (text: string) => process.stdout.write(`${text}\n`);

function fail(text: string, code: number): never {
  process.stderr.write(`weir: ${text}\n`);
  process.exit(code);
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  if (config === 'help') return void say(helpText());
  // For a person on a terminal, for a machine elsewhere: one JSON object a line.
  const stream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname' })
    : pino.destination(2);
  const log = pino(
    { level: config.log_level, redact: ['*.password', '*.token', '*.api_key', 'req.headers'] },
    stream,
  );
  const server = await startServer(config, log);
  say(`Weir listening on ${server.url}`);
  // npm, where it started this one, is another.
  log.info(`this is process ${process.pid}`);
  if (config.inspect !== 'off')
    log.info({ inspector: `http://127.0.0.1:${server.port}/inspect` }, 'machines are shown to this computer');
  const stop = (signal: string) => {
    process.once(signal, () => process.exit(1));
    log.info({ signal }, 'stopping: runs are settled, a second signal exits at once');
    server.close().then(
      () => process.exit(0),
      (bug) => {
        log.error({ err: bug }, 'the server could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop('SIGTERM'));
  process.once('SIGINT', () => stop('SIGINT'));
}

main().catch((error) => {
  // What quotes a file may quote its line ends.
  if (error instanceof ConfigError) fail(error.message.replaceAll(/\s+/g, ' '), 2);
  if (error instanceof FolderRefusal) fail(`--data (WEIR_DATA): ${error.message} Choose another folder.`, 2);
  if (error instanceof JournalRefusal || error instanceof PortInUse) fail(error.message, 1);
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error), 1);
});
