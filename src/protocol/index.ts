// What crosses the wire. Imports nothing but the schema library; runs in the browser and in the server.
export * from './attachment.ts';
export * from './attachments.ts';
export * from './board.ts';
export * from './commands.ts';
export * from './cursors.ts';
export * from './errors.ts';
export * from './frames.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './notices.ts';
export * from './ports.ts';
export * from './prompts.ts';
export * from './records.ts';
export * from './sse.ts';
export * from './storage.ts';
export * from './transcript.ts';
export * from './views.ts';
