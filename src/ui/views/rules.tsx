// The rules: what was allowed or refused for longer than once, what each covers, and the way to take it back.
import { useCallback, useEffect, useState } from 'react';
import type { Rule } from '../../protocol/prompts.ts';
import { sentenceOf } from '../api.ts';
import { clockTime, dayTime, isoTime, isToday } from '../format.ts';
import { exactText } from '../prompts/exact-text.ts';
import { listRules, withdrawRule } from '../prompts/prompt-api.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { useApp } from './context.tsx';
import { Modal } from './modal.tsx';

const words = enPrompts.rules;

const whatOf = ({ command, tool }: Rule): string => exactText(command ?? tool);
const sinceOf = (at: number, now: number): string => (isToday(at, now) ? clockTime(at) : dayTime(at, now));

function RuleRow({ rule, withdraw }: { rule: Rule; withdraw(): void }) {
  const { commands, shell } = useApp();
  const { effect, scope, session_id, tool, command, cwd, created_at } = rule;
  return (
    <li className="rule" data-rule-id={rule.rule_id}>
      <div>
        <p>
          <b>{words.effects[effect]}</b> <code className="mono">{whatOf(rule)}</code>
        </p>
        <p className="meta">
          {command !== null && `${exactText(tool)} · `}
          {cwd !== null && (
            <>
              <span className="mono">{words.inFolder(exactText(cwd))}</span>
              {' · '}
            </>
          )}
          {words.scopes[scope]} ·{' '}
          <time dateTime={isoTime(created_at)}>{words.since(sinceOf(created_at, Date.now()))}</time>
          {session_id !== null && (
            <>
              {' · '}
              <button
                type="button"
                className="link"
                onClick={() => {
                  shell.trigger.dialogClosed({});
                  commands.open(session_id);
                }}
              >
                {words.session}
              </button>
            </>
          )}
        </p>
      </div>
      <button type="button" className="btn" aria-label={words.withdrawLabel(whatOf(rule))} onClick={withdraw}>
        {words.withdraw}
      </button>
    </li>
  );
}

export function RulesDialog() {
  const { shell } = useApp();
  const [rules, setRules] = useState<Rule[] | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const read = useCallback(async (): Promise<void> => {
    try {
      setRules(await listRules());
    } catch (error) {
      setWhy(sentenceOf(error));
    }
  }, []);
  useEffect(() => void read(), [read]);
  async function withdraw(rule_id: string): Promise<void> {
    setWhy(null);
    try {
      await withdrawRule(rule_id);
    } catch (error) {
      setWhy(sentenceOf(error));
    }
    await read();
  }
  return (
    <Modal title={words.title}>
      <p>{words.text}</p>
      {why !== null && (
        <p className="failed" role="alert">
          {why}
        </p>
      )}
      {rules === null && why === null && <p className="dim">{words.loading}</p>}
      {rules?.length === 0 && <p className="dim">{words.none}</p>}
      {rules !== null && rules.length > 0 && (
        <ul className="rules" aria-label={words.list}>
          {rules.map((rule) => (
            <RuleRow key={rule.rule_id} rule={rule} withdraw={() => void withdraw(rule.rule_id)} />
          ))}
        </ul>
      )}
      <div className="acts">
        <button type="button" className="btn" onClick={() => shell.trigger.dialogClosed({})}>
          {words.close}
        </button>
      </div>
    </Modal>
  );
}
