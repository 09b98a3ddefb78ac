// The routes of notices, for the table of all routes.
import * as z from 'zod/mini';
import { subscriptionSchema, unsubscribeSchema } from './notices.ts';
import type { Route } from './routes.ts';

export const noticeRoutes: Route[] = [
  {
    method: 'get',
    path: '/api/notify/key',
    summary: 'The key that a device subscribes with',
    answers: { 200: z.object({ key: z.string() }) },
  },
  {
    method: 'post',
    path: '/api/notify/subscriptions',
    summary: 'A device wants to be called',
    body: subscriptionSchema,
    answers: { 201: z.object({ ok: z.literal(true) }) },
  },
  {
    method: 'delete',
    path: '/api/notify/subscriptions',
    summary: 'It does not any more',
    body: unsubscribeSchema,
    answers: { 204: null },
  },
  {
    method: 'post',
    path: '/api/notify/test',
    summary: 'Call every device now',
    answers: { 200: z.object({ sent: z.int(), failed: z.int() }) },
  },
];
