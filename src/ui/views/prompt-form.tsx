// The form of a question that asks for one. What is no flat form is written as JSON.
import { type FormEvent, useId, useMemo, useState } from 'react';
import { formDraftKey } from '../prompts/prompt-draft.ts';
import {
  contentOf,
  contentOfJson,
  type FormField,
  type FormValues,
  fieldsOf,
} from '../prompts/schema-form.ts';
import { plainText } from '../renderer/plain.ts';
import { enPrompts } from '../text/en-prompts.ts';
import { useKeptText } from './use-kept-text.ts';

const words = enPrompts.form;
const DRAWN_AS: Partial<Record<FormField['type'], string>> = { number: 'decimal', integer: 'numeric' };

interface FieldProps {
  field: FormField;
  value: string;
  problem: string | undefined;
  change(value: string): void;
}

function Control({ field, value, problem, change, id }: FieldProps & { id: string }) {
  const { type, required, options } = field;
  const told = { id, 'aria-invalid': problem !== undefined || undefined, 'aria-describedby': `${id}-note` };
  if (type === 'boolean')
    return (
      <input
        {...told}
        type="checkbox"
        checked={value === 'true'}
        onChange={(event) => change(String(event.target.checked))}
      />
    );
  if (type === 'enum')
    return (
      <select {...told} required={required} value={value} onChange={(event) => change(event.target.value)}>
        <option value="">{words.choose}</option>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {plainText(option.label)}
          </option>
        ))}
      </select>
    );
  return (
    <input
      {...told}
      dir="auto"
      autoComplete="off"
      data-1p-ignore=""
      inputMode={DRAWN_AS[type] as 'numeric' | 'decimal' | undefined}
      required={required}
      value={value}
      onChange={(event) => change(event.target.value)}
    />
  );
}

function Field(props: FieldProps) {
  const id = useId();
  const { field, problem } = props;
  return (
    <div className="field" data-type={field.type}>
      <label htmlFor={id}>
        <span dir="auto">{plainText(field.label)}</span>
        {field.required && <span className="dim"> · {words.required}</span>}
      </label>
      <Control {...props} id={id} />
      <span id={`${id}-note`} className={problem ? 'failed' : 'dim'} dir="auto">
        {problem ?? plainText(field.note ?? '')}
      </span>
    </div>
  );
}

function valuesOf(text: string): FormValues {
  try {
    return JSON.parse(text) as FormValues;
  } catch {
    return {};
  }
}

interface FormProps {
  prompt_id: string;
  schema: Record<string, unknown>;
  busy: boolean;
  send(content: Record<string, unknown>): void;
}

function Fields({ fields, prompt_id, busy, send }: Omit<FormProps, 'schema'> & { fields: FormField[] }) {
  const [text, change] = useKeptText(formDraftKey(prompt_id));
  const [isChecked, setChecked] = useState(false);
  const values = valuesOf(text);
  const { content, problems } = contentOf(fields, values);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setChecked(true);
    if (content && !busy) send(content);
  };
  return (
    <form className="fields" aria-label={words.label} noValidate onSubmit={submit}>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? field.fallback}
          problem={isChecked ? problems[field.name] : undefined}
          change={(value) => change(JSON.stringify({ ...values, [field.name]: value }))}
        />
      ))}
      <button type="submit" className="btn push" disabled={busy}>
        {words.send}
      </button>
    </form>
  );
}

function Json({ prompt_id, busy, send }: Omit<FormProps, 'schema'>) {
  const [text, change] = useKeptText(formDraftKey(prompt_id));
  const [problem, setProblem] = useState<string | null>(null);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const read = contentOfJson(text);
    setProblem('problem' in read ? read.problem : null);
    if ('content' in read && !busy) send(read.content);
  };
  return (
    <form className="fields" aria-label={words.label} onSubmit={submit}>
      <textarea
        className="mono"
        rows={4}
        aria-label={words.jsonLabel}
        placeholder="{ }"
        spellCheck={false}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      {problem && <span className="failed">{problem}</span>}
      <button type="submit" className="btn push" disabled={busy}>
        {words.send}
      </button>
    </form>
  );
}

export function PromptForm({ schema, ...rest }: FormProps) {
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  if (fields) return <Fields fields={fields} {...rest} />;
  return (
    <>
      <details className="schema">
        <summary>{words.json}</summary>
        <pre>{JSON.stringify(schema, null, 2)}</pre>
      </details>
      <Json {...rest} />
    </>
  );
}
