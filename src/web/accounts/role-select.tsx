/** A role, chosen. */
import type { Role } from '../../server/account-schemas.js';
import { roleNames } from '../workplace-wording.js';

interface Props {
  readonly label: string;
  readonly value: Role;
  readonly roles: readonly Role[];
  change(role: Role): void;
}

export function RoleSelect({ label, value, roles, change }: Props) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={({ currentTarget }) => change(currentTarget.value as Role)}
    >
      {roles.map((role) => (
        <option key={role} value={role}>
          {roleNames[role]}
        </option>
      ))}
    </select>
  );
}
