// Server-sent events out of bytes that come in pieces: whole events, in order; half of one waits for its rest. Source: WHATWG
// HTML, §9.2.6, as far as our encoder goes.

export interface SimEvent {
  event: string;
  id: string;
  data: string;
}

export interface EventParser {
  take(bytes: Buffer): SimEvent[];
}

const END = Buffer.from('\n\n');

export function createEventParser(): EventParser {
  let rest: Buffer = Buffer.alloc(0);
  let id = '';

  function parse(text: string): SimEvent | null {
    let event = '';
    const data: string[] = [];
    for (const line of text.split('\n')) {
      if (line.startsWith('data: ')) data.push(line.slice(6));
      else if (line.startsWith('event: ')) event = line.slice(7);
      else if (line.startsWith('id: ')) id = line.slice(4);
    }
    return event === '' ? null : { event, id, data: data.join('\n') };
  }

  return {
    take(bytes) {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const events: SimEvent[] = [];
      let from = 0;
      for (let end = all.indexOf(END); end >= 0; end = all.indexOf(END, from)) {
        const text = all.toString('utf8', from, end);
        from = end + END.length;
        const isOwnId = text.startsWith('id: ');
        const event = parse(text);
        if (event) events.push(isOwnId ? event : { ...event, id: '' });
      }
      rest = all.subarray(from);
      return events;
    },
  };
}
