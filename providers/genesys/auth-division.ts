import { declare } from './declare.ts';

/** A division: where objects belong and who may see them. The home division is `@home`, whatever its name. */
export const authDivision = declare({
  type: 'auth_division',
  // The API asks for a description, though an empty one will do.
  defaults: { description: '' },
});
