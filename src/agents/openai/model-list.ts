// What an endpoint says of its models' windows, in its list of models. OpenAI's own list says nothing; servers and routers
// that add something name it as they like. Bounded, and never an error: what can't be read is not known.
import * as z from 'zod/mini';

/** A model; the names of its window in the wild: OpenRouter and Together · vLLM · Groq · Mistral. */
const modelSchema = z.object({
  id: z.string(),
  context_length: z.optional(z.unknown()),
  max_model_len: z.optional(z.unknown()),
  context_window: z.optional(z.unknown()),
  max_context_length: z.optional(z.unknown()),
  top_provider: z.optional(z.unknown()),
});
type Model = z.infer<typeof modelSchema>;

const providerSchema = z.object({ context_length: z.unknown() });
const lengthSchema = z.int().check(z.positive());

function windowOf(model: Model): number | undefined {
  const provider = providerSchema.safeParse(model.top_provider);
  const told = [
    model.context_length,
    model.max_model_len,
    model.context_window,
    model.max_context_length,
    provider.data?.context_length,
  ];
  for (const each of told) {
    const length = lengthSchema.safeParse(each);
    if (length.success) return length.data;
  }
  return undefined;
}

/** The windows that a list tells, by model. `list`: what the endpoint sent, of whatever shape. */
export function windowsIn(list: unknown): ReadonlyMap<string, number> {
  const { data } = z.object({ data: z.unknown() }).safeParse(list);
  const models = Array.isArray(list) ? list : data?.data;
  const windows = new Map<string, number>();
  for (const each of Array.isArray(models) ? models : []) {
    const model = modelSchema.safeParse(each).data;
    const window = model && windowOf(model);
    if (window !== undefined) windows.set(model!.id, window);
  }
  return windows;
}
