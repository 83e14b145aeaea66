import { external, ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'user',
  key: 'ada@harborandpine.example',
  body: {
    name: 'Ada Lindqvist',
    department: 'Care',
    title: 'Head of Care',
    preferredName: 'Ada',
    acdAutoAnswer: true,
    state: 'inactive',
    division: ref('auth_division/Stores'),
    manager: ref('user/boss@harborandpine.example'),
    addresses: [{ mediaType: 'PHONE', type: 'WORK', address: '+12065551000' }],
    certifications: ['First Aid', 'Fire Safety'],
    profileSkills: ['Knitting'],
    locations: [],
    employerInfo: { officialName: 'Ada M. Lindqvist', employeeId: '0012', employeeType: 'Full-time' },
    biography: { biography: 'Likes the sea', hobbies: ['Sailing'] },
    skills: [
      { skill: ref('routing_skill/English'), proficiency: 5 },
      { skill: ref('routing_skill/VIP'), proficiency: 0 },
    ],
    languages: [{ language: external('routing_language/Swedish'), proficiency: 3 }],
  },
  lasting: ['name'],
};
