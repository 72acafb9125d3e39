-- The shop's own database. Safe to run at every start.
-- `updated_by` says who made the last change: a customer's e-mail address, or the tracking token of a job.

CREATE TABLE IF NOT EXISTS customers (
  id         uuid PRIMARY KEY,
  name       text NOT NULL,
  email      text NOT NULL UNIQUE,
  city       text NOT NULL,
  postcode   text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by text NOT NULL
);

CREATE TABLE IF NOT EXISTS products (
  id          uuid PRIMARY KEY,
  sku         text NOT NULL UNIQUE,
  name        text NOT NULL,
  description text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents > 0),
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  updated_by  text NOT NULL
);

CREATE TABLE IF NOT EXISTS inventory (
  id                         uuid PRIMARY KEY,
  sku                        text NOT NULL UNIQUE REFERENCES products (sku),
  on_hand                    integer NOT NULL CHECK (on_hand >= 0),
  -- May exceed what is on hand: the shop takes back-orders.
  reserved                   integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  reorder_point              integer NOT NULL,
  reorder_quantity           integer NOT NULL CHECK (reorder_quantity > 0),
  replenishment_requested_at timestamptz,
  created_at                 timestamptz NOT NULL DEFAULT now(),
  updated_at                 timestamptz NOT NULL DEFAULT now(),
  updated_by                 text NOT NULL
);

CREATE TABLE IF NOT EXISTS orders (
  id                uuid PRIMARY KEY,
  number            bigint NOT NULL GENERATED ALWAYS AS IDENTITY (START WITH 1001),
  customer_id       uuid NOT NULL REFERENCES customers (id),
  status            text NOT NULL CHECK (status IN ('placed', 'paid', 'shipped', 'cancelled')),
  payment_method    text NOT NULL,
  delivery_postcode text NOT NULL,
  total_cents       integer NOT NULL,
  cancel_reason     text,
  created_at        timestamptz NOT NULL DEFAULT now(),
  updated_at        timestamptz NOT NULL DEFAULT now(),
  updated_by        text NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_created_at ON orders (created_at DESC);

CREATE TABLE IF NOT EXISTS order_items (
  id               uuid PRIMARY KEY,
  order_id         uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  sku              text NOT NULL REFERENCES products (sku),
  quantity         integer NOT NULL CHECK (quantity > 0),
  unit_price_cents integer NOT NULL,
  -- What has happened to the stock of this item; every step is taken once, however often it is tried.
  stock            text NOT NULL DEFAULT 'open' CHECK (stock IN ('open', 'reserved', 'released', 'shipped')),
  created_at       timestamptz NOT NULL DEFAULT now(),
  updated_at       timestamptz NOT NULL DEFAULT now(),
  updated_by       text NOT NULL,
  UNIQUE (order_id, sku)
);

CREATE TABLE IF NOT EXISTS payments (
  id                 uuid PRIMARY KEY,
  order_id           uuid NOT NULL UNIQUE REFERENCES orders (id) ON DELETE CASCADE,
  amount_cents       integer NOT NULL,
  method             text NOT NULL,
  status             text NOT NULL CHECK (status IN ('pending', 'captured', 'declined', 'voided', 'refunded')),
  provider_reference text,
  failure_reason     text,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  updated_by         text NOT NULL
);

CREATE TABLE IF NOT EXISTS shipments (
  id              uuid PRIMARY KEY,
  order_id        uuid NOT NULL UNIQUE REFERENCES orders (id) ON DELETE CASCADE,
  status          text NOT NULL CHECK (status IN ('pending', 'dispatched', 'cancelled')),
  postcode        text NOT NULL,
  label_url       text,
  carrier         text,
  tracking_number text,
  dispatched_at   timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  updated_by      text NOT NULL
);

CREATE TABLE IF NOT EXISTS notifications (
  id         uuid PRIMARY KEY,
  order_id   uuid NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  kind       text NOT NULL,
  recipient  text NOT NULL,
  subject    text NOT NULL,
  status     text NOT NULL CHECK (status IN ('queued', 'sent')),
  sent_at    timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by text NOT NULL,
  -- A customer is told each thing once.
  UNIQUE (order_id, kind)
);
