/** A name and a role, for a new account or key. */
import { useState } from 'preact/hooks';
import type { Role } from '../../server/account-schemas.js';
import { RoleSelect } from './role-select.js';

interface Props {
  readonly what: string;
  readonly label: string;
  readonly initial: Role;
  readonly roles: readonly Role[];
  /** @returns whether it was added */
  add(name: string, role: Role): Promise<boolean>;
}

export function AddForm({ what, label, initial, roles, add }: Props) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>(initial);
  return (
    <form
      class="add-form"
      onSubmit={async (event) => {
        event.preventDefault();
        if (await add(name.trim(), role)) setName('');
      }}
    >
      <label>
        {label}
        <input
          type="text"
          required
          maxLength={60}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <RoleSelect label={`新${what}的角色`} value={role} roles={roles} change={setRole} />
      <button type="submit" class="button button-primary">
        新建{what}
      </button>
    </form>
  );
}
