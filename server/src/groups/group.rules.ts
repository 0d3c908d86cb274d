import { longer, metadataRule, rules, tooLong } from '../kernel/jsonapi/rules.ts';
import { type GroupRecord, groupRecords } from './group.records.ts';

/** spec/licensing.md 4 */
export const groupRules = rules<GroupRecord>(groupRecords, [['name', tooLong(255), 'TOO_LONG', ({ name }) => longer(name, 255)], metadataRule]);
