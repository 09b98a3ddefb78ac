// The settings as a table: flag, environment, what it is, what it is without being set.
import {
  HEARTBEAT_MS,
  PROMPT_TIMEOUT_SECONDS,
  RETENTION_BYTES,
  RETENTION_DAYS,
  RETENTION_RUNS,
  STREAM_MAX_SECONDS,
} from './protocol/index.ts';

export const MIB = 1024 ** 2;

export interface Setting {
  env: string;
  help: string;
  kind: 'text' | 'count' | 'flag';
  /** what stands in --help */
  value?: string;
  fallback?: string;
}

export const SETTINGS = {
  host: {
    env: 'WEIR_HOST',
    kind: 'text',
    value: 'ADDRESS',
    fallback: '127.0.0.1',
    help: 'address to listen on',
  },
  port: {
    env: 'WEIR_PORT',
    kind: 'count',
    value: 'PORT',
    fallback: '8787',
    help: 'port to listen on; 0: any free one',
  },
  data: {
    env: 'WEIR_DATA',
    kind: 'text',
    value: 'FOLDER',
    fallback: './data',
    help: 'the one folder that holds everything',
  },
  agent: {
    env: 'WEIR_AGENT',
    kind: 'text',
    value: 'AGENT',
    fallback: 'demo',
    help: 'agent of new sessions: demo, openai',
  },
  password: {
    env: 'WEIR_PASSWORD',
    kind: 'text',
    value: 'TEXT',
    help: 'asked from everyone; better set in the environment',
  },
  token: {
    env: 'WEIR_TOKEN',
    kind: 'text',
    value: 'TEXT',
    help: 'for Authorization: Bearer; better set in the environment',
  },
  'allowed-hosts': {
    env: 'WEIR_ALLOWED_HOSTS',
    kind: 'text',
    value: 'A,B',
    fallback: '',
    help: 'host names to answer to, besides loopback',
  },
  'heartbeat-ms': {
    env: 'WEIR_HEARTBEAT_MS',
    kind: 'count',
    value: 'MS',
    fallback: String(HEARTBEAT_MS),
    help: 'between heartbeats of an event stream',
  },
  'stream-max-seconds': {
    env: 'WEIR_STREAM_MAX_SECONDS',
    kind: 'count',
    value: 'S',
    fallback: String(STREAM_MAX_SECONDS),
    help: 'life of one event stream; clients reattach',
  },
  'clarify-timeout-seconds': {
    env: 'WEIR_CLARIFY_TIMEOUT_SECONDS',
    kind: 'count',
    value: 'S',
    fallback: String(PROMPT_TIMEOUT_SECONDS),
    help: 'a question waits this long; 0: for ever',
  },
  'approval-timeout-seconds': {
    env: 'WEIR_APPROVAL_TIMEOUT_SECONDS',
    kind: 'count',
    value: 'S',
    fallback: String(PROMPT_TIMEOUT_SECONDS),
    help: 'an approval waits this long; 0: for ever',
  },
  'retention-days': {
    env: 'WEIR_RETENTION_DAYS',
    kind: 'count',
    value: 'DAYS',
    fallback: String(RETENTION_DAYS),
    help: 'frames of settled runs are kept so long; 0: for ever',
  },
  'retention-runs': {
    env: 'WEIR_RETENTION_RUNS',
    kind: 'count',
    value: 'RUNS',
    fallback: String(RETENTION_RUNS),
    help: 'and of so many runs; 0: of all',
  },
  'retention-mib': {
    env: 'WEIR_RETENTION_MIB',
    kind: 'count',
    value: 'MIB',
    fallback: String(RETENTION_BYTES / MIB),
    help: 'and so much of them; 0: all of it',
  },
  inspect: {
    env: 'WEIR_INSPECT',
    kind: 'flag',
    fallback: 'off',
    help: 'show at /inspect, on this computer only, what the machines do; =stately: in the official viewer as well',
  },
  'log-level': {
    env: 'WEIR_LOG_LEVEL',
    kind: 'text',
    value: 'LEVEL',
    fallback: 'info',
    help: 'debug, info, warn, error or silent',
  },
} as const satisfies Record<string, Setting>;
