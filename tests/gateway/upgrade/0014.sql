-- A desk's rows in the schema after migration 0014.
INSERT INTO absences (desk, person, fingerprint, since, until_at) VALUES ('LIN', 'joost', 'c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', 1777363440000000, 1778536800000000);
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 1, 1776760230000000, 'grace-hall', 'opened', 1, 'bb93fd7fdd2e3b25016a3b157397acb65922902acb624aac119bdfc87117389e', 'coordinator of NWK from 2026-01-01', 'mail', 'a request of the coordinator opened NWK-2026-0001');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 10, 1777363320000000, 'casepost', 'seen-before', 3, '6dab43f4a6a27d5813bc2ee9afb6b1b64f9cd8e306eac2fd35a85787aef56419', NULL, 'the same mail as 5 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 11, 1777363350000000, 'joost', 'parked', 3, '85ccbf5d28570219442231cb3279f692178bd48dce3705d46b539333ff8d24d5', NULL, 'tag', 'nothing was sent on, because of #tjid 20m');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 12, 1777363350000000, 'casepost', 'seen-before', 3, '85ccbf5d28570219442231cb3279f692178bd48dce3705d46b539333ff8d24d5', NULL, 'the same mail as 6 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 13, 1777363380000000, 'casepost', 'held', NULL, '8fb480743f79a0591c9e7aaa3035d245d7a4d57b2a00f93fb754082bef5d8e6e', NULL, 'mail', 'R-1 waits for Anne Bakker');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 14, 1777363380000000, 'casepost', 'seen-before', NULL, '8fb480743f79a0591c9e7aaa3035d245d7a4d57b2a00f93fb754082bef5d8e6e', NULL, 'the same mail as 7 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 15, 1777363410000000, 'casepost', 'quarantined', NULL, 'ff013bfa2fb63891f6f23477ace9f38bb2c621a06f0be3129aa50e24d53548bb', NULL, 'unknown-sender', 'the sender is nobody of the directory');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 16, 1777363410000000, 'casepost', 'seen-before', NULL, 'ff013bfa2fb63891f6f23477ace9f38bb2c621a06f0be3129aa50e24d53548bb', NULL, 'the same mail as 8 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 17, 1777363440000000, 'joost', 'noted', 3, 'c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', NULL, 'mail', 'Joost de Wit is away until 2026-05-12 by their out-of-office');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 18, 1777363440000000, 'casepost', 'seen-before', 3, 'c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', NULL, 'the same mail as 9 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 19, 1777802400000000, 'command:tester', 'resume', NULL, NULL, NULL, 'all is read', '0 letters released, 0 dropped, 0 kept; 0 case numbers left out');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 2, 1776760230000000, 'casepost', 'seen-before', 1, 'bb93fd7fdd2e3b25016a3b157397acb65922902acb624aac119bdfc87117389e', NULL, 'the same mail as 1 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 3, 1777363230000000, 'anne-bakker', 'opened', 2, '7f9fedca23c6df727986a38e3c3e5aa7df66bb2075e5f1b1743834d52147a8a0', 'coordinator of AMR from 2026-01-01', 'mail', 'a request of the coordinator opened AMR-2026-0001');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 4, 1777363230000000, 'casepost', 'seen-before', 2, '7f9fedca23c6df727986a38e3c3e5aa7df66bb2075e5f1b1743834d52147a8a0', NULL, 'the same mail as 2 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 5, 1777363260000000, 'joost', 'joined', 2, 'e317fb035dd4f983a4220d02d16cff1ddb1b95b627114a107a9613fc9920b239', 'expert on AMR-2026-0001 from 2026-04-28', 'mail', 'an expert''s mail on AMR-2026-0001; #time 40 → 45');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 6, 1777363260000000, 'casepost', 'seen-before', 2, 'e317fb035dd4f983a4220d02d16cff1ddb1b95b627114a107a9613fc9920b239', NULL, 'the same mail as 3 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 7, 1777363290000000, 'joost', 'joined', 2, 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', 'expert on AMR-2026-0001 from 2026-04-28', 'mail', 'an expert''s mail on AMR-2026-0001; #resolved resolved');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 8, 1777363290000000, 'casepost', 'seen-before', 2, 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', NULL, 'the same mail as 4 came again by support', '');
INSERT INTO audit (desk, audit_no, at, actor, action, case_no, fingerprint, position, reason, detail) VALUES ('LIN', 9, 1777363320000000, 'anne-bakker', 'opened', 3, '6dab43f4a6a27d5813bc2ee9afb6b1b64f9cd8e306eac2fd35a85787aef56419', 'coordinator of AMR from 2026-01-01', 'mail', 'a request of the coordinator opened AMR-2026-0002');
INSERT INTO case_changes (desk, change_no, case_no, cause, changed_at, body, undone_at) VALUES ('LIN', 1, 2, 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', 1777363260000000, '{"kind":"resolved","by":"joost","at":"2026-04-28T08:01:00Z","cause":"b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92","before":{"case_no":2,"number":"AMR-2026-0001","client":"AMR","subject":"Contactformulier verstuurt niet","status":"open","kind":"support","priority":"normal","coordinator":"anne-bakker","opened_at":"2026-04-28T08:00:00Z","changed_at":"2026-04-28T08:00:30Z","response_due":null,"responded_at":"2026-04-28T08:00:30Z","resolution_due":null,"resolved_at":null,"close_due":null,"wait_due":null,"closed_at":null,"refers_to":null,"last_client_message_id":"m2.anne.bakker@amersfoortsmuseum.example","last_client_cc":["support@lindeboom.example"],"estimate_minutes":null,"merged_into":null,"merged_from":[]},"status_after":"resolved","other_before":null,"joined":[],"left":[]}', NULL);
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 1, 1, 1776760200000000, 'bb93fd7fdd2e3b25016a3b157397acb65922902acb624aac119bdfc87117389e', '{"what":"opened","by":"client","priority":"normal","kind":"support"}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 1, 2, 1777266000000000, 'tick', '{"what":"missed","clock":"response","generation":1}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 1, 8, 1777802400000000, 'tick', '{"what":"missed","clock":"resolution","generation":1}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 2, 3, 1777363200000000, '7f9fedca23c6df727986a38e3c3e5aa7df66bb2075e5f1b1743834d52147a8a0', '{"what":"opened","by":"client","priority":"normal","kind":"support"}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 2, 4, 1777363230000000, 'e317fb035dd4f983a4220d02d16cff1ddb1b95b627114a107a9613fc9920b239', '{"what":"answered"}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 2, 5, 1777363260000000, 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', '{"what":"answered"}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 2, 6, 1777363260000000, 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', '{"what":"resolved"}');
INSERT INTO case_events (desk, case_no, event_no, at, cause, body) VALUES ('LIN', 3, 7, 1777363290000000, '6dab43f4a6a27d5813bc2ee9afb6b1b64f9cd8e306eac2fd35a85787aef56419', '{"what":"opened","by":"client","priority":"normal","kind":"support"}');
INSERT INTO case_parties (desk, case_no, person, role, since, ended_at) VALUES ('LIN', 1, 'mira', 'expert', 1776760200000000, NULL);
INSERT INTO case_parties (desk, case_no, person, role, since, ended_at) VALUES ('LIN', 2, 'joost', 'expert', 1777363200000000, NULL);
INSERT INTO case_parties (desk, case_no, person, role, since, ended_at) VALUES ('LIN', 3, 'joost', 'expert', 1777363290000000, NULL);
INSERT INTO case_parties (desk, case_no, person, role, since, ended_at) VALUES ('LIN', 3, 'mira', 'expert', 1777363440000000, NULL);
INSERT INTO cases (desk, case_no, number, client, subject, status, kind, priority, coordinator, opened_at, changed_at, response_due, responded_at, resolution_due, resolved_at, close_due, wait_due, closed_at, refers_to, last_client_message_id, last_client_cc, estimate_minutes, merged_into, merged_from) VALUES ('LIN', 1, 'NWK-2026-0001', 'NWK', 'Portal login', 'new', 'support', 'normal', 'grace-hall', 1776760200000000, 1776760200000000, 1776774600000000, NULL, 1777474800000000, NULL, NULL, NULL, NULL, NULL, 'm1.grace.hall@northwick.example', 'support@lindeboom.example', NULL, NULL, '');
INSERT INTO cases (desk, case_no, number, client, subject, status, kind, priority, coordinator, opened_at, changed_at, response_due, responded_at, resolution_due, resolved_at, close_due, wait_due, closed_at, refers_to, last_client_message_id, last_client_cc, estimate_minutes, merged_into, merged_from) VALUES ('LIN', 2, 'AMR-2026-0001', 'AMR', 'Contactformulier verstuurt niet', 'resolved', 'support', 'normal', 'anne-bakker', 1777363200000000, 1777363260000000, NULL, 1777363230000000, NULL, 1777363260000000, 1777993200000000, NULL, NULL, NULL, 'm2.anne.bakker@amersfoortsmuseum.example', 'support@lindeboom.example', NULL, NULL, '');
INSERT INTO cases (desk, case_no, number, client, subject, status, kind, priority, coordinator, opened_at, changed_at, response_due, responded_at, resolution_due, resolved_at, close_due, wait_due, closed_at, refers_to, last_client_message_id, last_client_cc, estimate_minutes, merged_into, merged_from) VALUES ('LIN', 3, 'AMR-2026-0002', 'AMR', 'Foto''s bij de tentoonstelling', 'new', 'support', 'normal', 'anne-bakker', 1777363290000000, 1777363290000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'm5.anne.bakker@amersfoortsmuseum.example', 'support@lindeboom.example', NULL, NULL, '');
INSERT INTO clocks (desk, case_no, client, clock, generation, started_at, due, half_due, nearly_due, met_at, missed_at, reclassified_at, ended_at, tick_due) VALUES ('LIN', 1, 'NWK', 'resolution', 1, 1776760200000000, 1777474800000000, 1777016700000000, 1777383720000000, NULL, 1777474800000000, NULL, NULL, 1777878000000000);
INSERT INTO clocks (desk, case_no, client, clock, generation, started_at, due, half_due, nearly_due, met_at, missed_at, reclassified_at, ended_at, tick_due) VALUES ('LIN', 1, 'NWK', 'response', 1, 1776760200000000, 1776774600000000, 1776767400000000, 1776771720000000, NULL, 1776774600000000, NULL, NULL, 1777878000000000);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'audit', 19);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'case', 3);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'case/AMR/2026', 2);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'case/NWK/2026', 1);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'change', 1);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'entry', 2);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'event', 8);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'letter', 17);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'message', 9);
INSERT INTO counters (desk, name, value) VALUES ('LIN', 'request', 1);
INSERT INTO desks (desk, directory_version) VALUES ('LIN', 1);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'calendar', '24x7', 'desk.toml', '{"hours":{"fri":["00:00-24:00"],"mon":["00:00-24:00"],"sat":["00:00-24:00"],"sun":["00:00-24:00"],"thu":["00:00-24:00"],"tue":["00:00-24:00"],"wed":["00:00-24:00"]},"key":"24x7","time_zone":"Europe/Amsterdam"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'calendar', 'office', 'desk.toml', '{"holidays":"nl","hours":{"fri":["09:00-17:00"],"mon":["09:00-17:00"],"sat":[],"sun":[],"thu":["09:00-17:00"],"tue":["09:00-17:00"],"wed":["09:00-17:00"]},"key":"office","time_zone":"Europe/Amsterdam"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'card', 'AMR/2026-001', 'desk.toml', '{"client":"AMR","minutes_per_strip":15,"number":"2026-001","purchased_on":"2026-03-01","strips":20}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'client', 'AMR', 'desk.toml', '{"code":"AMR","domains":["amersfoortsmuseum.example"],"language":"nl","lead_expert":"joost","name":"Amersfoorts Museum","time_zone":"Europe/Amsterdam"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'client', 'NWK', 'desk.toml', '{"code":"NWK","domains":["northwick.example"],"language":"en","lead_expert":"mira","name":"Northwick Housing","time_zone":"Europe/London"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'contract', 'AMR/2026-01-01', 'desk.toml', '{"accept":"proven","calendar":"office","charge":{"change":"card","incident":"included","maintenance":"included","support":"card"},"client":"AMR","incidents_from":"coordinator","pause_on":["waiting-client"],"plan":"basic","reporter_in_cc":false,"rounding":"per-entry","start":"2026-01-01","strip_minutes":15}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'contract', 'NWK/2026-01-01', 'desk.toml', '{"accept":"proven","calendar":"office","charge":{"change":"quoted","incident":"included","maintenance":"included","support":"included"},"client":"NWK","incidents_from":"anyone","pause_on":["waiting-client","waiting-supplier"],"plan":"sla","reporter_in_cc":false,"rounding":"per-entry","start":"2026-01-01","strip_minutes":15,"targets":{"critical":{"calendar":"24x7","first_response":"1h","resolution":"8h"},"normal":{"first_response":"4h","resolution":"5d"}}}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'expert', 'joost', 'desk.toml', '{"addresses":["joost@dewit-web.example"],"deputy":"mira","key":"joost","language":"nl","name":"Joost de Wit"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'expert', 'mira', 'desk.toml', '{"addresses":["mira@jansen-ict.example"],"deputy":"joost","key":"mira","language":"nl","name":"Mira Jansen"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'monitor', 'uptime-nwk', 'desk.toml', '{"address":"monitor@uptime.example","client":"NWK","key":"uptime-nwk","name":"Uptime monitor"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'person', 'anne-bakker', 'desk.toml', '{"addresses":["anne.bakker@amersfoortsmuseum.example"],"client":"AMR","key":"anne-bakker","name":"Anne Bakker"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'person', 'els-visser', 'desk.toml', '{"addresses":["els.visser@amersfoortsmuseum.example"],"client":"AMR","key":"els-visser","name":"Els Visser"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'person', 'grace-hall', 'desk.toml', '{"addresses":["grace.hall@northwick.example"],"client":"NWK","key":"grace-hall","name":"Grace Hall"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'person', 'piet-smit', 'desk.toml', '{"addresses":["piet.smit@amersfoortsmuseum.example"],"client":"AMR","key":"piet-smit","name":"Piet Smit"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'position', 'coordinator/AMR/anne-bakker/2026-01-01', 'desk.toml', '{"client":"AMR","deputies":["piet-smit"],"from":"2026-01-01","holder":"anne-bakker","role":"coordinator"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'position', 'coordinator/NWK/grace-hall/2026-01-01', 'desk.toml', '{"client":"NWK","from":"2026-01-01","holder":"grace-hall","role":"coordinator"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'position', 'duty-manager/mira/2026-01-01', 'desk.toml', '{"deputies":["joost"],"from":"2026-01-01","holder":"mira","role":"duty-manager"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'position', 'functional-administrator/AMR/els-visser/2026-01-01', 'desk.toml', '{"client":"AMR","from":"2026-01-01","holder":"els-visser","role":"functional-administrator"}', 1776758400000000, NULL);
INSERT INTO directory_items (desk, kind, item_key, source, body, added_at, ended_at) VALUES ('LIN', 'supplier', 'hostwell', 'desk.toml', '{"addresses":["support@hostwell.example"],"clients":["AMR","NWK"],"domains":["hostwell.example"],"key":"hostwell","name":"Hostwell"}', 1776758400000000, NULL);
INSERT INTO entries (desk, entry_no, client, kind, card, real_minutes, charged_minutes, work_date, booked_at, booking_key, part, expert, position, case_no, message_id, description, body) VALUES ('LIN', 1, 'AMR', 'purchase', '2026-001', 0, 300, '2026-03-01', 1776758400000000, 'card/AMR/2026-001', 0, NULL, NULL, NULL, NULL, '', '{"kind":"purchase","real_minutes":0,"charged_minutes":300,"card":"2026-001","work_date":"2026-03-01","booking":null,"charge":null,"case":null,"valid_through":"2027-02-28","text":""}');
INSERT INTO entries (desk, entry_no, client, kind, card, real_minutes, charged_minutes, work_date, booked_at, booking_key, part, expert, position, case_no, message_id, description, body) VALUES ('LIN', 2, 'AMR', 'deduction', '2026-001', 40, -45, '2026-04-28', 1777363230000000, 'LIN/joost/m3.joost@dewit-web.example/1', 0, 'joost', 'expert on AMR-2026-0001 from 2026-04-28', 2, 'm3.joost@dewit-web.example', 'gezocht', '{"kind":"deduction","real_minutes":40,"charged_minutes":-45,"card":"2026-001","work_date":"2026-04-28","booking":{"expert":"joost","message_id":"m3.joost@dewit-web.example","ordinal":1},"charge":{"expert":"joost","message_id":"m3.joost@dewit-web.example","ordinal":1},"case":"AMR-2026-0001","valid_through":null,"text":"gezocht"}');
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 1, 'nr4hoqlqt6a6q5hcqwdycsspclg75azh@lindeboom.example', 'acknowledgement', 'bb93fd7fdd2e3b25016a3b157397acb65922902acb624aac119bdfc87117389e', 1, NULL, 'NWK', 'grace-hall', 'grace.hall@northwick.example', 'support+bounce@lindeboom.example', '[LIN NWK-2026-0001] Portal login', 'Dear Grace Hall,

Thank you for your message. We have registered it as case NWK-2026-0001.

You will hear from us today before 13:30.

Case:          NWK-2026-0001
Subject:       Portal login
Organisation:  Northwick Housing
Kind:          support
Priority:      normal
Received:      Tuesday 21 April at 09:30
Coordinator:   Grace Hall
Handled by:    Mira Jansen

Anything to add? Just reply to this mail.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000001-1bcdc7ceb6f026a3ac368494589ae8667014c3d9077022edba7a0ecd5b266a4a', 1, 'sent', 1776760230000000, 1776760230000000, 0, NULL, NULL, 1776760230000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 10, 'wkhhgqrxpare6sfnc26a4otph4keb4gp@lindeboom.example', 'relay', '6dab43f4a6a27d5813bc2ee9afb6b1b64f9cd8e306eac2fd35a85787aef56419', 3, NULL, 'AMR', 'joost', 'joost@dewit-web.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0002] Foto''s bij de tentoonstelling', 'Nieuwe zaak van Amersfoorts Museum.

Zaak:          AMR-2026-0002
Onderwerp:     Foto''s bij de tentoonstelling
Klant:         Amersfoorts Museum (contract Basic)
Soort:         ondersteuning
Prioriteit:    normaal
Strippenkaart: nog 17 strippen (4 uur 15 minuten)

Anne Bakker (coördinator, anne.bakker@amersfoortsmuseum.example) schreef dinsdag 28 april om 10:01:

Kan dat?

________________________________________

Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

    #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
    #notitie               blijft binnen de desk
    #opgelost              antwoord en klaar
    #wacht klant           klok stil (ook leverancier; tot DATUM)
    #prio hoog             kritiek, hoog, normaal of laag
    #toewijzen NAAM        draagt over, met alles erbij

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000010-5804dcfe61fd52183bd52ef10ee5f7c928be06188511710113abe01c715b71a7', 0, 'sent', 1777363320000000, 1777363320000000, 0, NULL, NULL, 1777363320000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 11, 'ly7ldmq2d355i22ls55cgjifqmrkfyer@lindeboom.example', 'transcript', '85ccbf5d28570219442231cb3279f692178bd48dce3705d46b539333ff8d24d5', 3, NULL, NULL, 'joost', 'joost@dewit-web.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0002] Geparkeerd: Re: [LIN AMR-2026-0002] Foto''s bij de tentoonstelling', 'Uw mail "Re: [LIN AMR-2026-0002] Foto''s bij de tentoonstelling" op AMR-2026-0002 (Amersfoorts Museum) staat geparkeerd: er is niets verstuurd, geboekt of veranderd.

    #tjid 20m
      Dit lijkt op #tijd 20m. Schrijf #tijd 20m, of zet er een ander woord voor als het gewone tekst is.

Antwoord met alleen de verbeterde tags: dan gaat de tekst hieronder alsnog uit. Of antwoord met nieuwe tekst: dan vervangt die deze.

Geparkeerde tekst:

    Ja hoor.

    #tjid 20m

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000011-42a53ce679286b3057b490c8508da86ab974261def8ec991f1643c48db07c207', 1, 'sent', 1777363350000000, 1777363350000000, 0, NULL, NULL, 1777363350000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 12, 'zsf4xpjf3v2bqvybxvsdzdjiu4obdayf@lindeboom.example', 'approval-request', '8fb480743f79a0591c9e7aaa3035d245d7a4d57b2a00f93fb754082bef5d8e6e', NULL, 1, 'AMR', 'anne-bakker', 'anne.bakker@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', '[LIN R-1] Uw akkoord gevraagd: Nieuwe collega', 'Beste Anne Bakker,

Kees Groen (kees.groen@amersfoortsmuseum.example) vraagt ons om het volgende. Wij beginnen er pas aan als u akkoord geeft.

Aanvraag:      R-1
Onderwerp:     Nieuwe collega
Organisatie:   Amersfoorts Museum
Ontvangen:     dinsdag 28 april om 10:02

Graag een account voor Jan.

Beantwoord deze mail en zet op de eerste regel een van deze drie:

    #akkoord                het wordt een zaak op uw naam
    #afwijzen uw reden      de aanvrager krijgt uw reden te lezen
    #bundelen ZAAKNUMMER    het gaat mee met een lopende zaak

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000012-5af070fad0edebfb068d33ddb1010ada6300465856cb84cf99362c8e0b4a00e7', 1, 'sent', 1777363380000000, 1777363380000000, 0, NULL, NULL, 1777363380000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 13, 'zeic47fn4rmo7qv2c5crmahov7fklfig@lindeboom.example', 'request-held', '8fb480743f79a0591c9e7aaa3035d245d7a4d57b2a00f93fb754082bef5d8e6e', NULL, NULL, 'AMR', NULL, 'kees.groen@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', '[LIN R-1] Voorgelegd aan Anne Bakker: Nieuwe collega', 'Beste Kees Groen,

Dank voor uw bericht "Nieuwe collega". Bij Amersfoorts Museum lopen aanvragen via Anne Bakker. Wij hebben uw bericht daarom voorgelegd, onder nummer R-1. Na akkoord gaan wij ermee aan de slag; u hoort wat er besloten is.

U hoeft nu niets te doen. Heeft het haast? Neem dan even contact op met Anne Bakker.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000013-9d40776d4a813d655bdb8fc2ab92572c30b51d1525cc48d91ed52c345a46b4dc', 1, 'sent', 1777363380000000, 1777363380000000, 0, NULL, NULL, 1777363380000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 14, 'ycn3ggdt6y2fzr5uiyo4bqcr4z3zq73s@lindeboom.example', 'refusal', 'ff013bfa2fb63891f6f23477ace9f38bb2c621a06f0be3129aa50e24d53548bb', NULL, NULL, NULL, NULL, 'sam@elsewhere.example', NULL, 'Uw bericht: Offerte', 'Goedendag,

Dank voor uw bericht "Offerte" van dinsdag 28 april om 10:03. Dit adres is er voor organisaties die een overeenkomst met ons hebben. Uw adres is daar bij ons niet voor bekend, en daarom kunnen wij uw bericht niet in behandeling nemen.

Hoort u bij een van onze klanten? Vraag dan degene die daar het contact met ons onderhoudt om uw vraag door te geven.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000014-41410a8289be34eb485c4c22df62b74b782de1e343a20d53d2f3c56c552193a7', 1, 'sent', 1777363410000000, 1777363410000000, 0, NULL, NULL, 1777363410000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 15, 'th4uhi32usac2i6ch2sht5fav5ms7pkd@lindeboom.example', 'relay', 'c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', 3, NULL, 'AMR', 'mira', 'mira@jansen-ict.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0002] Foto''s bij de tentoonstelling', 'Deze zaak is aan u overgedragen. Hieronder het laatste bericht, met wat eraan voorafging.

U krijgt dit omdat Joost de Wit afwezig is.

Zaak:          AMR-2026-0002
Onderwerp:     Foto''s bij de tentoonstelling
Klant:         Amersfoorts Museum (contract Basic)
Soort:         ondersteuning
Prioriteit:    normaal
Strippenkaart: nog 17 strippen (4 uur 15 minuten)

Anne Bakker (coördinator, anne.bakker@amersfoortsmuseum.example) schreef dinsdag 28 april om 10:01:

Kan dat?

Eerder:

> Joost de Wit (parked), 2026-04-28 10:02
> > Ja hoor.
> >
> > #tjid 20m

________________________________________

Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

    #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
    #notitie               blijft binnen de desk
    #opgelost              antwoord en klaar
    #wacht klant           klok stil (ook leverancier; tot DATUM)
    #prio hoog             kritiek, hoog, normaal of laag
    #toewijzen NAAM        draagt over, met alles erbij

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000015-c9395f86f2b3c5f1c129a3607eeb498672a632e090d07ac23f430e57d7c0369b', 0, 'sent', 1777363440000000, 1777363440000000, 0, NULL, NULL, 1777363440000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 16, 'qsmog7ogdgrw266zf3gs2ap7pgvobadp@lindeboom.example', 'absence-noted', 'c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', NULL, NULL, NULL, 'joost', 'joost@dewit-web.example', 'support+bounce@lindeboom.example', '[LIN] Afwezig tot dinsdag 12 mei om 00:00', 'Uw automatische antwoord is binnengekomen. Tot dinsdag 12 mei om 00:00 gaan nieuwe zaken, en berichten van uw klanten op uw zaken, ook naar Mira Jansen.

Meteen doorgegeven, omdat er nog niet op was geantwoord:

- AMR-2026-0002

Uw zaken blijven van u. Elk bericht van u aan de desk beëindigt dit.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000016-0bf20ad6b1ff50567bbae547363acbd4b04637ee65ba49ecd722c46b379b79bf', 1, 'sent', 1777363440000000, 1777363440000000, 0, NULL, NULL, 1777363440000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 17, 'efoedocqm2saevxnfkef6o74vtnsstja@lindeboom.example', 'weekly-summary', 'summary/NWK/2026-W17', NULL, NULL, 'NWK', 'grace-hall', 'grace.hall@northwick.example', 'support+bounce@lindeboom.example', 'Week 17: Northwick Housing', 'Dear Grace Hall,

Week 17 of Northwick Housing
Monday 20 April to Sunday 26 April
As of Sunday 3 May at 11:00.

New: 1
Resolved: 0
Open: 1
Worked: 0:00

Open cases

- NWK-2026-0001 Portal login
  with us (Mira Jansen) · 12 days
  late: the first response, Tuesday 21 April at 13:30

Agreed times
What had to be ready in this week.

- the first response: 0 of 1 in time

New cases

- NWK-2026-0001 Portal login
  Tuesday 21 April at 09:30

The last twelve weeks

Week       6   7   8   9  10  11  12  13  14  15  16  17
New        0   0   0   0   0   0   0   0   0   0   0   1
Resolved   0   0   0   0   0   0   0   0   0   0   0   0

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000017-b601c0ac829783413cd8271fb580b22c235da4cc9855d1407b7a86bf0ff79286', 0, 'sent', 1777802400000000, 1777802400000000, 0, NULL, NULL, 1777802400000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 2, 'nhrvajzcxpynvyuznywnadrfwknkeu4p@lindeboom.example', 'relay', 'bb93fd7fdd2e3b25016a3b157397acb65922902acb624aac119bdfc87117389e', 1, NULL, 'NWK', 'mira', 'mira@jansen-ict.example', 'support+bounce@lindeboom.example', '[LIN NWK-2026-0001] Portal login', 'Nieuwe zaak van Northwick Housing.

Zaak:          NWK-2026-0001
Onderwerp:     Portal login
Klant:         Northwick Housing (contract SLA)
Soort:         ondersteuning
Prioriteit:    normaal
Antwoord:      vandaag vóór 14:30
Oplossing:     woensdag 29 april vóór 17:00

Grace Hall (coördinator, grace.hall@northwick.example) schreef dinsdag 21 april om 10:30:

Tenants can''t log in.

________________________________________

Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

    #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
    #notitie               blijft binnen de desk
    #opgelost              antwoord en klaar
    #wacht klant           klok stil (ook leverancier; tot DATUM)
    #prio hoog             kritiek, hoog, normaal of laag
    #toewijzen NAAM        draagt over, met alles erbij

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000002-071b5fc77dc477567411517de2cf23c2e04e8b02888a1cf9592044308909e5c8', 0, 'sent', 1776760230000000, 1776760230000000, 0, NULL, NULL, 1776760230000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 3, 'pcjj4m2jqt7m5vlytchfw7rcw22zzvdb@lindeboom.example', 'weekly-summary', 'summary/AMR/2026-W17', NULL, NULL, 'AMR', 'anne-bakker', 'anne.bakker@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', 'Week 17: Amersfoorts Museum', 'Beste Anne Bakker,

Week 17 van Amersfoorts Museum
maandag 20 april t/m zondag 26 april
Stand van maandag 27 april om 07:00.

Een rustige week: er kwam niets binnen, er is niets geboekt en er staat niets open.

Strippenkaart

Nog 20 strippen van 20 (5 uur)

- Kaart 2026-001: nog 20 strippen van 20, geldig t/m zondag 28 februari 2027

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000003-14d7103d7749c2175798b7a33f7d35c17ec9dfc659a954bf0a1f870353feecae', 0, 'sent', 1777266000000000, 1777266000000000, 0, NULL, NULL, 1777266000000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 4, 'efcf2bxe2vv46i7d524ijnn2pf2kxv3n@lindeboom.example', 'desk-summary', 'summary/desk/2026-W17', NULL, NULL, NULL, NULL, 'mira@jansen-ict.example', 'support+bounce@lindeboom.example', '[LIN] Week 17: 1 gemist, 1 open', 'Beste Mira Jansen,

Week 17 van Lindeboom Support
maandag 20 april t/m zondag 26 april
Stand van maandag 27 april om 07:00.

Te laat: 1
Nieuw: 1
Opgelost: 0
Open: 1

Gemiste termijnen

- NWK-2026-0001 Portal login
  Northwick Housing · Mira Jansen
  het eerste antwoord, dinsdag 21 april om 14:30
  nog niet gedaan

Klanten

- Northwick Housing
  Te laat 1, op tijd 0/1, nieuw 1, opgelost 0, open 1, gewerkt 0:00

Rustig gebleven: 1

Afgesproken tijden
Wat in deze week gereed moest zijn.

- het eerste antwoord: 0 van 1 op tijd

Postbussen en brieven

- support/INBOX, volledig gelezen maandag 27 april om 07:00
- Te verzenden: 3, sinds dinsdag 21 april om 10:30
- Vastgehouden tot iemand ze vrijgeeft: 0

De laatste twaalf weken

Week       6   7   8   9  10  11  12  13  14  15  16  17
Nieuw      0   0   0   0   0   0   0   0   0   0   0   1
Opgelost   0   0   0   0   0   0   0   0   0   0   0   0

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000004-5193014ae6a47d438e16478bf4d7b1c298d7a888d08eb1e95721d5c491afed39', 0, 'sent', 1777266000000000, 1777266000000000, 0, NULL, NULL, 1777266000000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 5, 'utywjdldtii7iso32g3d4cezq76s5sko@lindeboom.example', 'acknowledgement', '7f9fedca23c6df727986a38e3c3e5aa7df66bb2075e5f1b1743834d52147a8a0', 2, NULL, 'AMR', 'anne-bakker', 'anne.bakker@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0001] Contactformulier verstuurt niet', 'Beste Anne Bakker,

Dank voor uw bericht. Het is bij ons in behandeling als zaak AMR-2026-0001.

Wij kijken ernaar zodra er ruimte is en houden u op de hoogte.

Zaak:          AMR-2026-0001
Onderwerp:     Contactformulier verstuurt niet
Organisatie:   Amersfoorts Museum
Soort:         ondersteuning
Prioriteit:    normaal
Ontvangen:     dinsdag 28 april om 10:00
Coördinator:   Anne Bakker
Behandelaar:   Joost de Wit
Strippenkaart: nog 20 strippen (5 uur)

Aanvullen kan altijd: beantwoord deze mail.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000005-70eb319e2742f7943a00c8f0eaddd192da4883fc7843b4f3ee7d4fcf5be9a51d', 1, 'sent', 1777363230000000, 1777363230000000, 0, NULL, NULL, 1777363230000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 6, 'rdrkrcmwejznuxq426ca3cjnnoafaodb@lindeboom.example', 'relay', '7f9fedca23c6df727986a38e3c3e5aa7df66bb2075e5f1b1743834d52147a8a0', 2, NULL, 'AMR', 'joost', 'joost@dewit-web.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0001] Contactformulier verstuurt niet', 'Nieuwe zaak van Amersfoorts Museum.

Zaak:          AMR-2026-0001
Onderwerp:     Contactformulier verstuurt niet
Klant:         Amersfoorts Museum (contract Basic)
Soort:         ondersteuning
Prioriteit:    normaal
Strippenkaart: nog 20 strippen (5 uur)

Anne Bakker (coördinator, anne.bakker@amersfoortsmuseum.example) schreef dinsdag 28 april om 10:00:

Het formulier doet niets.

________________________________________

Beantwoord deze mail: uw tekst gaat zonder tags naar de klant. Wat nu past, elk aan het begin van een regel:

    #tijd 40m              boekt 40 minuten (ook 1u30, 1:30, -15m; op 2026-04-20)
    #notitie               blijft binnen de desk
    #opgelost              antwoord en klaar
    #wacht klant           klok stil (ook leverancier; tot DATUM)
    #prio hoog             kritiek, hoog, normaal of laag
    #toewijzen NAAM        draagt over, met alles erbij

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000006-e85cdd42ccc478009762ad67c9a83b3eb107c6a1ed640665b997550051006977', 0, 'sent', 1777363230000000, 1777363230000000, 0, NULL, NULL, 1777363230000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 7, '645kpbsbed2o3x6ghccri7q64j3zb2rt@lindeboom.example', 'answer', 'e317fb035dd4f983a4220d02d16cff1ddb1b95b627114a107a9613fc9920b239', 2, NULL, 'AMR', 'anne-bakker', 'anne.bakker@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0001] Contactformulier verstuurt niet', 'Welke browser?

Joost de Wit
Lindeboom Support

Geboekt: 40 minuten, in rekening 45 minuten. Nog op de strippenkaart: 17 strippen (4 uur 15 minuten).

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht

> Het formulier doet niets.
', 'l0000000007-3e6e8f80bf5f0e361670b4096b9888ef476a550ca20f0c3337c122145c8c4207', 0, 'sent', 1777363260000000, 1777363260000000, 0, NULL, NULL, 1777363260000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 8, 'jhahio34z34jcmutqkdy3ai36neqol4s@lindeboom.example', 'answer', 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', 2, NULL, 'AMR', 'anne-bakker', 'anne.bakker@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0001] Contactformulier verstuurt niet', 'Het werkt weer.

Joost de Wit
Lindeboom Support

Wij beschouwen zaak AMR-2026-0001 hiermee als opgelost. Klopt er iets niet? Beantwoord deze mail dinsdag 5 mei vóór 17:00; dan gaat de zaak weer open.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht

> Het formulier doet niets.
', 'l0000000008-05c30eb28147a291e0a3ebc35c5abb48ff5a45ea0ecc8d48dff2af3248d554fa', 0, 'sent', 1777363290000000, 1777363290000000, 0, NULL, NULL, 1777363290000000, NULL, NULL, NULL);
INSERT INTO letters (desk, letter_no, message_id, notice, cause, case_no, request_no, client, person, recipient, reverse_path, subject, text, raw_digest, is_automatic, state, enqueued_at, attempt_due, attempts, lease_owner, uncertain_at, sent_at, bounced_at, answer, set_aside_at) VALUES ('LIN', 9, 'xqnawzpuyzjiatpfi6knvmyeujxyetbo@lindeboom.example', 'acknowledgement', '6dab43f4a6a27d5813bc2ee9afb6b1b64f9cd8e306eac2fd35a85787aef56419', 3, NULL, 'AMR', 'anne-bakker', 'anne.bakker@amersfoortsmuseum.example', 'support+bounce@lindeboom.example', '[LIN AMR-2026-0002] Foto''s bij de tentoonstelling', 'Beste Anne Bakker,

Dank voor uw bericht. Het is bij ons in behandeling als zaak AMR-2026-0002.

Wij kijken ernaar zodra er ruimte is en houden u op de hoogte.

Zaak:          AMR-2026-0002
Onderwerp:     Foto''s bij de tentoonstelling
Organisatie:   Amersfoorts Museum
Soort:         ondersteuning
Prioriteit:    normaal
Ontvangen:     dinsdag 28 april om 10:01
Coördinator:   Anne Bakker
Behandelaar:   Joost de Wit
Strippenkaart: nog 17 strippen (4 uur 15 minuten)

Aanvullen kan altijd: beantwoord deze mail.

-- 
Lindeboom Support
support@lindeboom.example
Lindeboom Support, Utrecht
', 'l0000000009-7945d6c3d8cc9c5c5c68431e45f06d1e4b167420e6a032b62f2eac4fec235d17', 1, 'sent', 1777363320000000, 1777363320000000, 0, NULL, NULL, 1777363320000000, NULL, NULL, NULL);
INSERT INTO mailbox_folders (desk, mailbox, folder, uid_validity, last_uid, adopted_since, fetched_at) VALUES ('LIN', 'support', 'INBOX', 1, 0, 1777802400000000, 1777802400000000);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'absence/joost/c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', 1777363440000000, NULL);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'booked/28b16f400916df625f2df83b28532d2cfc4c812723d16db0b0acbac58e620f59', 1777363260000000, NULL);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'expiry/AMR/2026-04-27', 1777266000000000, NULL);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'expiry/AMR/2026-05-03', 1777802400000000, NULL);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'expiry/NWK/2026-04-27', 1777266000000000, NULL);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'expiry/NWK/2026-05-03', 1777802400000000, NULL);
INSERT INTO marks (desk, mark, made_at, until_at) VALUES ('LIN', 'refusal/sam@elsewhere.example', 1777363410000000, 1777449810000000);
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'amr-2026-0001.mcae7mfocf6s2eig@lindeboom.example', 'out', 2, 2, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'amr-2026-0002.nz2ro4k2fxw75wh2@lindeboom.example', 'out', 3, 3, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm1.grace.hall@northwick.example', 'in', 1, 1, 'NWK');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm2.anne.bakker@amersfoortsmuseum.example', 'in', 2, 2, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm3.joost@dewit-web.example', 'in', 3, 2, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm4.joost@dewit-web.example', 'in', 4, 2, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm5.anne.bakker@amersfoortsmuseum.example', 'in', 5, 3, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm6.joost@dewit-web.example', 'in', 6, 3, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm7.kees.groen@amersfoortsmuseum.example', 'in', 7, NULL, NULL);
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm8.sam@elsewhere.example', 'in', 8, NULL, NULL);
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'm9.joost@dewit-web.example', 'in', 9, 3, 'AMR');
INSERT INTO message_ids (desk, message_id, way, owner_no, case_no, client) VALUES ('LIN', 'nwk-2026-0001.t6ccujtzseor4qlj@lindeboom.example', 'out', 1, 1, 'NWK');
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', '6dab43f4a6a27d5813bc2ee9afb6b1b64f9cd8e306eac2fd35a85787aef56419', 5, 'm5.anne.bakker@amersfoortsmuseum.example', 'm0000000005-99c91b1ea02d0360cf61403f69d62266283964a95151c28ea87fdf6cdd565675', 'support', 'anne.bakker@amersfoortsmuseum.example', 'Anne Bakker', 'anne-bakker', 'coordinator', 'Foto''s bij de tentoonstelling', 1777363290000000, 1777363320000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Kan dat?', 'opened', NULL, 'a request of the coordinator opened AMR-2026-0002', 3, NULL, NULL);
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', '7f9fedca23c6df727986a38e3c3e5aa7df66bb2075e5f1b1743834d52147a8a0', 2, 'm2.anne.bakker@amersfoortsmuseum.example', 'm0000000002-07da3a63f7e721a5bfd397708f923c3a360c71567fcf4db48a2e64f6bbdca061', 'support', 'anne.bakker@amersfoortsmuseum.example', 'Anne Bakker', 'anne-bakker', 'coordinator', 'Contactformulier verstuurt niet', 1777363200000000, 1777363230000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Het formulier doet niets.', 'opened', NULL, 'a request of the coordinator opened AMR-2026-0001', 2, NULL, NULL);
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', '85ccbf5d28570219442231cb3279f692178bd48dce3705d46b539333ff8d24d5', 6, 'm6.joost@dewit-web.example', 'm0000000006-61b07315024c5d44f154176eabbe57c20edaedb66296f9dfa64836d60c0fcc6a', 'support', 'joost@dewit-web.example', 'Joost de Wit', 'joost', 'expert', 'Re: [LIN AMR-2026-0002] Foto''s bij de tentoonstelling', 1777363320000000, 1777363350000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Ja hoor.

#tjid 20m', 'parked', 'tag', 'nothing was sent on, because of #tjid 20m', 3, NULL, 'Ja hoor.

#tjid 20m');
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', '8fb480743f79a0591c9e7aaa3035d245d7a4d57b2a00f93fb754082bef5d8e6e', 7, 'm7.kees.groen@amersfoortsmuseum.example', 'm0000000007-bb7b4a9084bbe5fa102875579b74491d5411dccaec09b18cdd86e66dc66a286e', 'support', 'kees.groen@amersfoortsmuseum.example', 'Kees Groen', NULL, 'reporter', 'Nieuwe collega', 1777363350000000, 1777363380000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Graag een account voor Jan.', 'held', NULL, 'R-1 waits for Anne Bakker', NULL, 1, NULL);
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', 'b15c5ec62461bc06cdaf4d55b38ed995af233049a32d9631e1084fdb9d32dc92', 4, 'm4.joost@dewit-web.example', 'm0000000004-da65762e7ad2beebe478b88f707e587c80210076b951aae90c4663fd7a82e6d2', 'support', 'joost@dewit-web.example', 'Joost de Wit', 'joost', 'expert', 'Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet', 1777363260000000, 1777363290000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Het werkt weer.

#opgelost', 'joined', NULL, 'an expert''s mail on AMR-2026-0001; #resolved resolved', 2, NULL, 'Het werkt weer.');
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', 'bb93fd7fdd2e3b25016a3b157397acb65922902acb624aac119bdfc87117389e', 1, 'm1.grace.hall@northwick.example', 'm0000000001-b416f585f6ab45ef5a1399634f80d82b7996b61ed5e537075534698967156a86', 'support', 'grace.hall@northwick.example', 'Grace Hall', 'grace-hall', 'coordinator', 'Portal login', 1776760200000000, 1776760230000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Tenants can''t log in.', 'opened', NULL, 'a request of the coordinator opened NWK-2026-0001', 1, NULL, NULL);
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', 'c520cdcf1c08afe0f336d8f95120e0fd00d1498efecd4532d7fe082647155b9e', 9, 'm9.joost@dewit-web.example', 'm0000000009-e1b5e2112b57689eae231328a496453bf2aba46f1cbc9f42c46d8de93501c30d', 'support', 'joost@dewit-web.example', 'Joost de Wit', 'joost', 'expert', 'Afwezig tot 12 mei', 1777363410000000, 1777363440000000, 'auto-reply', 'proven: dmarc=pass (mx.lindeboom.example)', 'Ik ben er weer op 12 mei 2026.', 'noted', NULL, 'Joost de Wit is away until 2026-05-12 by their out-of-office', 3, NULL, NULL);
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', 'e317fb035dd4f983a4220d02d16cff1ddb1b95b627114a107a9613fc9920b239', 3, 'm3.joost@dewit-web.example', 'm0000000003-1b6c0089911b62d84145347ea8940e4de941051627fda877ad21b2fa36bd1879', 'support', 'joost@dewit-web.example', 'Joost de Wit', 'joost', 'expert', 'Re: [LIN AMR-2026-0001] Contactformulier verstuurt niet', 1777363230000000, 1777363260000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Welke browser?

#tijd 40m gezocht', 'joined', NULL, 'an expert''s mail on AMR-2026-0001; #time 40 → 45', 2, NULL, 'Welke browser?');
INSERT INTO messages (desk, fingerprint, message_no, message_id, raw_digest, mailbox, sender, sender_name, person, role, subject, received_at, claimed_at, origin, proof, fresh, outcome, cause, why, case_no, request_no, said) VALUES ('LIN', 'ff013bfa2fb63891f6f23477ace9f38bb2c621a06f0be3129aa50e24d53548bb', 8, 'm8.sam@elsewhere.example', 'm0000000008-d184fe182f313f9ee7be8e0c7e461ab02ed6fc4afb8a2ae6cd5ecd0239524818', 'support', 'sam@elsewhere.example', 'Sam Lee', NULL, 'stranger', 'Offerte', 1777363380000000, 1777363410000000, 'human', 'proven: dmarc=pass (mx.lindeboom.example)', 'Wat kost het?', 'quarantined', 'unknown-sender', 'the sender is nobody of the directory', NULL, NULL, NULL);
INSERT INTO parked (desk, fingerprint, case_no, person, lines, parked_at, ended_at) VALUES ('LIN', '85ccbf5d28570219442231cb3279f692178bd48dce3705d46b539333ff8d24d5', 3, 'joost', '[{"tag":"#tjid 20m","is_done":false,"cause":"mistyped","value":"#tijd 20m"}]', 1777363350000000, NULL);
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000001-1bcdc7ceb6f026a3ac368494589ae8667014c3d9077022edba7a0ecd5b266a4a', size, packed, file FROM raw_mails WHERE digest = '1bcdc7ceb6f026a3ac368494589ae8667014c3d9077022edba7a0ecd5b266a4a';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000002-071b5fc77dc477567411517de2cf23c2e04e8b02888a1cf9592044308909e5c8', size, packed, file FROM raw_mails WHERE digest = '071b5fc77dc477567411517de2cf23c2e04e8b02888a1cf9592044308909e5c8';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000003-14d7103d7749c2175798b7a33f7d35c17ec9dfc659a954bf0a1f870353feecae', size, packed, file FROM raw_mails WHERE digest = '14d7103d7749c2175798b7a33f7d35c17ec9dfc659a954bf0a1f870353feecae';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000004-5193014ae6a47d438e16478bf4d7b1c298d7a888d08eb1e95721d5c491afed39', size, packed, file FROM raw_mails WHERE digest = '5193014ae6a47d438e16478bf4d7b1c298d7a888d08eb1e95721d5c491afed39';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000005-70eb319e2742f7943a00c8f0eaddd192da4883fc7843b4f3ee7d4fcf5be9a51d', size, packed, file FROM raw_mails WHERE digest = '70eb319e2742f7943a00c8f0eaddd192da4883fc7843b4f3ee7d4fcf5be9a51d';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000006-e85cdd42ccc478009762ad67c9a83b3eb107c6a1ed640665b997550051006977', size, packed, file FROM raw_mails WHERE digest = 'e85cdd42ccc478009762ad67c9a83b3eb107c6a1ed640665b997550051006977';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000007-3e6e8f80bf5f0e361670b4096b9888ef476a550ca20f0c3337c122145c8c4207', size, packed, file FROM raw_mails WHERE digest = '3e6e8f80bf5f0e361670b4096b9888ef476a550ca20f0c3337c122145c8c4207';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000008-05c30eb28147a291e0a3ebc35c5abb48ff5a45ea0ecc8d48dff2af3248d554fa', size, packed, file FROM raw_mails WHERE digest = '05c30eb28147a291e0a3ebc35c5abb48ff5a45ea0ecc8d48dff2af3248d554fa';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000009-7945d6c3d8cc9c5c5c68431e45f06d1e4b167420e6a032b62f2eac4fec235d17', size, packed, file FROM raw_mails WHERE digest = '7945d6c3d8cc9c5c5c68431e45f06d1e4b167420e6a032b62f2eac4fec235d17';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000010-5804dcfe61fd52183bd52ef10ee5f7c928be06188511710113abe01c715b71a7', size, packed, file FROM raw_mails WHERE digest = '5804dcfe61fd52183bd52ef10ee5f7c928be06188511710113abe01c715b71a7';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000011-42a53ce679286b3057b490c8508da86ab974261def8ec991f1643c48db07c207', size, packed, file FROM raw_mails WHERE digest = '42a53ce679286b3057b490c8508da86ab974261def8ec991f1643c48db07c207';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000012-5af070fad0edebfb068d33ddb1010ada6300465856cb84cf99362c8e0b4a00e7', size, packed, file FROM raw_mails WHERE digest = '5af070fad0edebfb068d33ddb1010ada6300465856cb84cf99362c8e0b4a00e7';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000013-9d40776d4a813d655bdb8fc2ab92572c30b51d1525cc48d91ed52c345a46b4dc', size, packed, file FROM raw_mails WHERE digest = '9d40776d4a813d655bdb8fc2ab92572c30b51d1525cc48d91ed52c345a46b4dc';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000014-41410a8289be34eb485c4c22df62b74b782de1e343a20d53d2f3c56c552193a7', size, packed, file FROM raw_mails WHERE digest = '41410a8289be34eb485c4c22df62b74b782de1e343a20d53d2f3c56c552193a7';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000015-c9395f86f2b3c5f1c129a3607eeb498672a632e090d07ac23f430e57d7c0369b', size, packed, file FROM raw_mails WHERE digest = 'c9395f86f2b3c5f1c129a3607eeb498672a632e090d07ac23f430e57d7c0369b';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000016-0bf20ad6b1ff50567bbae547363acbd4b04637ee65ba49ecd722c46b379b79bf', size, packed, file FROM raw_mails WHERE digest = '0bf20ad6b1ff50567bbae547363acbd4b04637ee65ba49ecd722c46b379b79bf';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'l0000000017-b601c0ac829783413cd8271fb580b22c235da4cc9855d1407b7a86bf0ff79286', size, packed, file FROM raw_mails WHERE digest = 'b601c0ac829783413cd8271fb580b22c235da4cc9855d1407b7a86bf0ff79286';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000001-b416f585f6ab45ef5a1399634f80d82b7996b61ed5e537075534698967156a86', size, packed, file FROM raw_mails WHERE digest = 'b416f585f6ab45ef5a1399634f80d82b7996b61ed5e537075534698967156a86';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000002-07da3a63f7e721a5bfd397708f923c3a360c71567fcf4db48a2e64f6bbdca061', size, packed, file FROM raw_mails WHERE digest = '07da3a63f7e721a5bfd397708f923c3a360c71567fcf4db48a2e64f6bbdca061';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000003-1b6c0089911b62d84145347ea8940e4de941051627fda877ad21b2fa36bd1879', size, packed, file FROM raw_mails WHERE digest = '1b6c0089911b62d84145347ea8940e4de941051627fda877ad21b2fa36bd1879';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000004-da65762e7ad2beebe478b88f707e587c80210076b951aae90c4663fd7a82e6d2', size, packed, file FROM raw_mails WHERE digest = 'da65762e7ad2beebe478b88f707e587c80210076b951aae90c4663fd7a82e6d2';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000005-99c91b1ea02d0360cf61403f69d62266283964a95151c28ea87fdf6cdd565675', size, packed, file FROM raw_mails WHERE digest = '99c91b1ea02d0360cf61403f69d62266283964a95151c28ea87fdf6cdd565675';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000006-61b07315024c5d44f154176eabbe57c20edaedb66296f9dfa64836d60c0fcc6a', size, packed, file FROM raw_mails WHERE digest = '61b07315024c5d44f154176eabbe57c20edaedb66296f9dfa64836d60c0fcc6a';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000007-bb7b4a9084bbe5fa102875579b74491d5411dccaec09b18cdd86e66dc66a286e', size, packed, file FROM raw_mails WHERE digest = 'bb7b4a9084bbe5fa102875579b74491d5411dccaec09b18cdd86e66dc66a286e';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000008-d184fe182f313f9ee7be8e0c7e461ab02ed6fc4afb8a2ae6cd5ecd0239524818', size, packed, file FROM raw_mails WHERE digest = 'd184fe182f313f9ee7be8e0c7e461ab02ed6fc4afb8a2ae6cd5ecd0239524818';
INSERT INTO raw_mails (desk, digest, size, packed, file) SELECT desk, 'm0000000009-e1b5e2112b57689eae231328a496453bf2aba46f1cbc9f42c46d8de93501c30d', size, packed, file FROM raw_mails WHERE digest = 'e1b5e2112b57689eae231328a496453bf2aba46f1cbc9f42c46d8de93501c30d';
INSERT INTO requests (desk, request_no, client, fingerprint, reporter, reporter_name, subject, received_at, state, decided_at, decided_by, case_no) VALUES ('LIN', 1, 'AMR', '8fb480743f79a0591c9e7aaa3035d245d7a4d57b2a00f93fb754082bef5d8e6e', 'kees.groen@amersfoortsmuseum.example', 'Kees Groen', 'Nieuwe collega', 1777363350000000, 'held', NULL, NULL, NULL);
INSERT INTO restores (desk, taken_at, restored_at, resumed_at, caught_up_at) VALUES ('LIN', 1777802400000000, 1777802400000000, 1777802400000000, NULL);
INSERT INTO silences (desk, kind, item, since, stage, told_at, look_due) VALUES ('LIN', 'parked', '85ccbf5d28570219442231cb3279f692178bd48dce3705d46b539333ff8d24d5', 1777363350000000, 0, NULL, 1777878000000000);
INSERT INTO silences (desk, kind, item, since, stage, told_at, look_due) VALUES ('LIN', 'request', '1', 1777363380000000, 0, NULL, 1777878000000000);
INSERT INTO summaries (desk, week, client, made_at, entries_through) VALUES ('LIN', '2026-W17', '', 1777266000000000, 1);
INSERT INTO summaries (desk, week, client, made_at, entries_through) VALUES ('LIN', '2026-W17', 'AMR', 1777266000000000, 1);
INSERT INTO summaries (desk, week, client, made_at, entries_through) VALUES ('LIN', '2026-W17', 'NWK', 1777802400000000, 2);
INSERT INTO uid_notes (desk, mailbox, folder, uid_validity, uid, attempts, taken_at) VALUES ('LIN', 'support', 'INBOX', 1, '17', 1, NULL);
INSERT INTO upgrades (migration, casepost) VALUES (14, '0.1.0');
