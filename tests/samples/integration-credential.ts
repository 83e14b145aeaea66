import type { Sample } from './sample.ts';

export const sample: Sample = {
  type: 'integration_credential',
  key: 'CRM/basicAuth',
  body: { credentialFields: { userName: { $secret: 'CRM_USER' }, password: { $secret: 'CRM_PASSWORD' } } },
  lasting: ['credentialFields'],
};
