import { HOME, idOf, inDivision, type PracticeItem, type PracticeMap, refTo } from './practice-item.ts';

export const DIVISIONS: readonly PracticeItem[] = [
  ['Stores', 'Shops in Seattle, Portland and Boise'],
  ['Online', 'The web shop and everyone who answers for it'],
  ['Wholesale/Trade', 'Architects, hotels and other trade customers'],
].map(([name = '', description = '']) => ({ type: 'auth_division', key: name, body: { name, description } }));

const SKILL_NAMES = [
  'English',
  'Spanish',
  'Returns',
  'Furniture',
  'Kitchen',
  'Lighting',
  'Gift Cards',
  'Order Tracking',
  'Delivery',
  'Installation',
  'Warranty',
  'Loyalty',
  'Fraud Review',
  'Trade Accounts',
  'Messaging',
  'E-mail',
  'Escalations',
  'VIP',
  '100% Wool Rugs',
  'Café',
] as const;

export const SKILLS: readonly PracticeItem[] = SKILL_NAMES.map((name) => ({ type: 'routing_skill', key: name, body: { name } }));

export const WRAPUP_NAMES = [
  'Resolved',
  'Follow-up Needed',
  'Wrong Number',
  'Return Started',
  'Refund Issued',
  'Order Placed',
  'Order Changed',
  'Delivery Rescheduled',
  'Complaint',
  'Voicemail Left',
  'no',
  'N/A',
] as const;

export const WRAPUP_CODES: readonly PracticeItem[] = WRAPUP_NAMES.map((name) => ({
  type: 'routing_wrapup_code',
  key: name,
  body: { name, ...(name === 'Complaint' ? { description: 'Goes to the weekly review' } : {}), ...inDivision(name === 'Order Placed' ? 'Online' : HOME) },
}));

/** Name, title, department, division, and skills as `index of SKILL_NAMES: proficiency`. */
type Person = readonly [name: string, title: string, department: string, division: string, skills: Readonly<Record<number, number>>];

const PEOPLE: readonly Person[] = [
  ['Ada Lindqvist', 'Head of Customer Care', 'Care', HOME, { 0: 5, 16: 5, 17: 5 }],
  ['Ben Okafor', 'Team Lead', 'Care', HOME, { 0: 5, 2: 4, 16: 4 }],
  ['Carmen Ruiz', 'Team Lead', 'Care', 'Online', { 0: 4, 1: 5, 16: 4 }],
  ['Daniel Kim', 'Agent', 'Care', 'Online', { 0: 5, 2: 3, 7: 4 }],
  ['Elif Yıldız', 'Agent', 'Care', 'Online', { 0: 4, 7: 5, 14: 3 }],
  ['Farid Haddad', 'Agent', 'Care', 'Online', { 0: 4, 8: 3 }],
  ['Grace Mbeki', 'Agent', 'Care', 'Online', { 0: 5, 6: 4, 11: 4 }],
  ['Hannah Müller', 'Agent', 'Care', 'Online', { 0: 4, 15: 5 }],
  ['Ines Costa', 'Agent', 'Care', 'Online', { 0: 3, 1: 5, 15: 4 }],
  ['Jack O’Brien', 'Agent', 'Care', 'Online', { 0: 5, 2: 5 }],
  ['Keiko Tanaka', 'Furniture Specialist', 'Product', 'Stores', { 0: 4, 3: 5, 9: 4, 18: 5 }],
  ['Liam Nguyen', 'Furniture Specialist', 'Product', 'Stores', { 0: 5, 3: 4 }],
  ['Mia Johansson', 'Kitchen Specialist', 'Product', 'Stores', { 0: 5, 4: 5 }],
  ['Noah Petrov', 'Lighting Specialist', 'Product', 'Stores', { 0: 4, 5: 5, 10: 3 }],
  ['Olivia Brown', 'Store Support', 'Stores', 'Stores', { 0: 5, 19: 2 }],
  ['Pablo Fernández', 'Store Support', 'Stores', 'Stores', { 0: 3, 1: 5 }],
  ['Quinn Taylor', 'Store Support', 'Stores', 'Stores', { 0: 5 }],
  ['Rosa Martínez', 'Agent', 'Care', 'Stores', { 0: 2, 1: 5, 2: 3 }],
  ['Samir Patel', 'Delivery Coordinator', 'Logistics', HOME, { 0: 4, 8: 5, 9: 3 }],
  ['Tessa de Vries', 'Delivery Coordinator', 'Logistics', HOME, { 0: 4, 8: 4, 9: 5 }],
  ['Umar Farouk', 'Trade Account Manager', 'Trade', 'Wholesale/Trade', { 0: 5, 13: 5, 17: 3 }],
  ['Vera Kowalski', 'Trade Account Manager', 'Trade', 'Wholesale/Trade', { 0: 5, 13: 4 }],
  ['Will Zhang', 'Fraud Analyst', 'Finance', HOME, { 0: 5, 12: 5 }],
  ['Xenia Papadaki', 'Fraud Analyst', 'Finance', HOME, { 0: 4, 12: 4 }],
  ['Yusuf Demir', 'Agent', 'Care', 'Online', { 0: 4, 14: 5 }],
  ['Zoe Clarke', 'Agent', 'Care', 'Online', { 0: 5, 14: 4, 15: 3 }],
  ['Andre Silva', 'Barista Lead', 'Café', 'Stores', { 0: 3, 1: 3, 19: 5 }],
  ['Bea Rossi', 'Night Agent', 'Care', HOME, { 0: 4, 17: 4 }],
  ['Chen Wei', 'Night Agent', 'Care', HOME, { 0: 4, 17: 4, 10: 2.5 }],
  ['Robot Tester', 'Quality', 'Care', HOME, {}],
];

/** `Jack O’Brien` -> `jack.obrien@harborandpine.example`. */
export function loginOf(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/ı/g, 'i')
    .replace(/[^A-Za-z ]/g, '');
  return `${plain.toLowerCase().replaceAll(' ', '.')}@harborandpine.example`;
}

export const LOGINS: readonly string[] = PEOPLE.map(([name]) => loginOf(name));

export const USERS: readonly PracticeItem[] = PEOPLE.map(([name, title, department, division, skills], index) => ({
  type: 'user',
  key: loginOf(name),
  body: {
    name,
    email: loginOf(name),
    title,
    department,
    divisionId: division === HOME ? idOf('auth_division', HOME) : idOf('auth_division', division),
    ...(index % 5 === 0 ? { addresses: [{ mediaType: 'PHONE', type: 'WORK', address: `+1206555${String(1000 + index)}` }] } : {}),
  },
  parts: {
    routingskills: Object.entries(skills).map(
      ([skill, proficiency]): PracticeMap => ({ ...refTo('routing_skill', SKILL_NAMES[Number(skill)] ?? ''), proficiency }),
    ),
  },
}));
