import { ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'architect_datatable',
  key: 'Shops',
  body: {
    description: 'One row a shop',
    division: ref('auth_division/Stores'),
    schema: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      title: 'Shops',
      type: 'object',
      required: ['key'],
      additionalProperties: false,
      properties: {
        key: { title: 'shop number', type: 'string', $id: '/properties/key', displayOrder: 0 },
        city: { title: 'city', type: 'string', $id: '/properties/city', displayOrder: 1, default: '' },
        seats: { title: 'seats', type: 'integer', $id: '/properties/seats', displayOrder: 2, default: 0 },
        isOpen: { title: 'isOpen', type: 'boolean', $id: '/properties/isOpen', displayOrder: 3, default: false },
      },
    },
  },
  lasting: ['schema'],
};
