/** What goes in and out of /v1/session, /v1/users and /v1/keys. */
import { z } from 'zod';

export const accountLimits = {
  nameLength: 60,
  passwordLeast: 10,
  /** Longer ones only cost time. */
  passwordMost: 200,
  listed: 500,
} as const;

export const roles = ['intake', 'agent', 'manager', 'admin'] as const;
const role = z.enum(roles).meta({
  description:
    'intake: an intake system, suggests and posts feedback for its agents; agent: suggests, reviews; manager: also statistics and adding reviews; admin: also users and keys.',
});

/** Letters of any script, digits and a few signs: names stand in logs, CSV and the audit. */
const name = z
  .string()
  .min(1)
  .max(accountLimits.nameLength)
  .refine((text) => /^[\p{L}\p{N}][\p{L}\p{N} ._@-]*$/u.test(text), {
    message: 'must begin with a letter or digit and hold letters, digits, spaces and . _ @ -',
  });
const newPassword = z.string().min(accountLimits.passwordLeast).max(accountLimits.passwordMost);

export const userSchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role,
    active: z.boolean(),
    hasPassword: z.boolean().meta({ description: 'false until the one-time link was used.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const sessionSchema = z
  .strictObject({
    auth: z
      .boolean()
      .meta({ description: 'false: the server runs with --auth off, everybody may do everything.' }),
    name: z.string(),
    role,
    expiresAt: z.iso.datetime().nullable().meta({ description: 'null with an API key or without auth.' }),
  })
  .meta({ id: 'Session' });

export const signInSchema = z
  .union([
    z
      .strictObject({ name: z.string().max(200), password: z.string().max(accountLimits.passwordMost) })
      .meta({ id: 'PasswordSignIn' }),
    z
      .strictObject({
        token: z
          .string()
          .min(1)
          .max(100)
          .meta({ description: 'From the one-time link, behind `#/welcome/`.' }),
        password: newPassword.meta({ description: 'The account’s password from now on.' }),
      })
      .meta({ id: 'LinkSignIn' }),
  ])
  .meta({ id: 'SignIn' });

export const addUserSchema = z.strictObject({ name, role }).meta({ id: 'AddUser' });

export const changeUserSchema = z
  .strictObject({ role: role.optional(), active: z.boolean().optional() })
  .meta({ id: 'ChangeUser' });

export const linkSchema = z
  .strictObject({
    user: userSchema,
    link: z.string().meta({
      description:
        'Path of the page with a token, good once: there the person sets the password. Shown only here.',
      example: '/#/welcome/6l0V…',
    }),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'UserLink' });

export const usersResponseSchema = z
  .strictObject({ users: z.array(userSchema) })
  .meta({ id: 'UsersResponse' });

export const keySchema = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    role,
    start: z.string().meta({ description: 'The key’s first characters, to recognise it.' }),
    createdAt: z.iso.datetime(),
    createdBy: z.string(),
    revokedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Key' });

export const addKeySchema = z.strictObject({ name, role }).meta({ id: 'AddKey' });

export const newKeySchema = z
  .strictObject({ key: keySchema, secret: z.string().meta({ description: 'Shown only here.' }) })
  .meta({ id: 'NewKey' });

export const keysResponseSchema = z.strictObject({ keys: z.array(keySchema) }).meta({ id: 'KeysResponse' });

export type Role = z.infer<typeof role>;
export type SessionBody = z.infer<typeof sessionSchema>;
export type SignInRequest = z.input<typeof signInSchema>;
export type UserBody = z.infer<typeof userSchema>;
export type UserLinkBody = z.infer<typeof linkSchema>;
export type UsersResponse = z.infer<typeof usersResponseSchema>;
export type KeyBody = z.infer<typeof keySchema>;
export type NewKeyBody = z.infer<typeof newKeySchema>;
export type KeysResponse = z.infer<typeof keysResponseSchema>;
