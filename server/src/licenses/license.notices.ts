/** Events that time brings: expiries and check-ins, past and near (spec/events.md 11). The decisions; license.notify.ts finds and sends. */
import { isExpired, nextCheckIn } from './license.status.ts';
import type { License } from './license.table.ts';

export const hour = 3_600_000;
const day = 24 * hour;

/** An event about an instant: the event, the column that says when it was sent last, and the instants it is sent for, as offsets from now in ms. */
export interface Notice {
  event: string;
  sentAt: 'lastExpirationEventSentAt' | 'lastExpiringSoonEventSentAt' | 'lastCheckInEventSentAt' | 'lastCheckInSoonEventSentAt';
  /** Included. */
  from: number;
  /** Not included. */
  to: number;
}

export const expiryNotices: readonly Notice[] = [
  { event: 'license.expired', sentAt: 'lastExpirationEventSentAt', from: -12 * hour, to: 0 },
  { event: 'license.expiring-soon', sentAt: 'lastExpiringSoonEventSentAt', from: 0, to: 3 * day },
];
export const checkInNotices: readonly Notice[] = [
  { event: 'license.check-in-overdue', sentAt: 'lastCheckInEventSentAt', from: -12 * hour, to: 0 },
  { event: 'license.check-in-required-soon', sentAt: 'lastCheckInSoonEventSentAt', from: 0, to: 3 * day },
];

/** At most once within this time. */
export const quiet = day;

type Subject = Pick<License, 'expiry' | 'lastCheckInAt' | Notice['sentAt']>;

const due = (notices: readonly Notice[], license: Subject, at: Date | null, now: Date): Notice | undefined => {
  const offset = at === null ? Number.NaN : at.getTime() - now.getTime();
  const notice = notices.find(({ from, to }) => offset >= from && offset < to);
  const last = notice && license[notice.sentAt];
  return last && last.getTime() >= now.getTime() - quiet ? undefined : notice;
};

/** The event that a license's expiry calls for now, if any. */
export const expiryNotice = (license: Subject, now: Date): Notice | undefined => due(expiryNotices, license, license.expiry, now);

/** The event that a license's next check-in calls for now, if any; an expired license needs none. */
export const checkInNotice = (license: Subject, policy: Parameters<typeof nextCheckIn>[1], now: Date): Notice | undefined =>
  isExpired(license, now) ? undefined : due(checkInNotices, license, nextCheckIn(license, policy), now);
