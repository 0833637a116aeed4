-- A small shop: filling, indices, joins, sums, changes; prints what depends on all of it.
PRAGMA journal_mode = WAL;
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, town INTEGER);
CREATE TABLE purchase (id INTEGER PRIMARY KEY, customer INTEGER, cents INTEGER, day INTEGER, note TEXT);
BEGIN;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
  INSERT INTO customer SELECT i, 'customer ' || (i * 7919 % 5003), i * 31 % 97 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
  INSERT INTO purchase
  SELECT i, 1 + i * 7907 % 5000, i * 104729 % 9973, i * 13 % 365, hex(i * 65537 % 99991) FROM n;
COMMIT;
CREATE INDEX by_customer ON purchase (customer, day);
CREATE INDEX by_note ON purchase (note);
SELECT town, count(*), sum(cents) FROM purchase JOIN customer ON customer.id = customer
  GROUP BY town ORDER BY 3 DESC LIMIT 5;
SELECT name, max(total) FROM (SELECT name, sum(cents) AS total FROM customer
  JOIN purchase ON customer = customer.id GROUP BY customer.id);
SELECT day, avg(cents) FROM purchase WHERE note LIKE '3%1' GROUP BY day ORDER BY 2, 1 LIMIT 5;
UPDATE purchase SET cents = cents + 1 WHERE day BETWEEN 100 AND 160;
DELETE FROM purchase WHERE id % 11 = 3;
SELECT sum(a.cents * b.cents % 1009) FROM purchase a JOIN purchase b ON b.id = a.id * 17 % 120000;
SELECT count(DISTINCT note), sum(length(note)), sum(cents) FROM purchase;
