// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// The identities of users in PostgreSQL: `oauth_accounts`, `unlinked_identities`.
package struct PostgresIdentityRepository: IdentityRepository {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// `for share` waits for a transaction that changes the user's address or its standing at this moment, and then
    /// looks again: nothing is linked on the strength of what is not true any more.
    private static let linkToVerified = Statement.write(
        """
        with owner as (
            select id
            from users
            where email = $4 and is_email_verified and is_active
            for share
        )
        insert into oauth_accounts (issuer, subject, user_id, email, created_at)
        select $1, $2, owner.id, left($3::text, 320), $5
        from owner
        where not exists (
            select
            from unlinked_identities u
            where u.user_id = owner.id and u.issuer = $1 and u.subject = $2
        )
        on conflict (issuer, subject) do nothing
        returning id, issuer, subject, email, created_at
        """
    )

    package func link(
        _ identity: ExternalIdentity,
        toVerified email: EmailAddress,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity? {
        try await database.first(
            Self.linkToVerified,
            [
                .text(identity.issuer), .text(identity.subject), .text(identity.email), .text(email.text),
                .timestamp(instant),
            ]
        ) { row throws(DatabaseError) in try row.linkedIdentity() }
    }

    /// The update finds the row of somebody else, too, and leaves it alone: no row comes back then.
    private static let link = Statement.write(
        """
        with forgotten as (
            delete from unlinked_identities
            where user_id = $4 and issuer = $1 and subject = $2
        )
        insert into oauth_accounts as linked (issuer, subject, user_id, email, created_at)
        values ($1, $2, $4, left($3::text, 320), $5)
        on conflict (issuer, subject) do update
            set email = excluded.email
            where linked.user_id = excluded.user_id
        returning id, issuer, subject, email, created_at
        """
    )

    package func link(
        _ identity: ExternalIdentity,
        to user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity? {
        try await database.first(
            Self.link,
            [
                .text(identity.issuer), .text(identity.subject), .text(identity.email), .uuid(user.uuid),
                .timestamp(instant),
            ]
        ) { row throws(DatabaseError) in try row.linkedIdentity() }
    }

    private static let find = Statement.read(
        "select id, issuer, subject, email, created_at from oauth_accounts where id = $1 and user_id = $2"
    )

    package func find(
        _ id: Identifier<LinkedIdentity>,
        of user: Identifier<User>
    ) async throws(DomainError) -> LinkedIdentity? {
        try await database.first(Self.find, [.uuid(id.uuid), .uuid(user.uuid)]) { row throws(DatabaseError) in
            try row.linkedIdentity()
        }
    }

    /// A user has a handful, so they are sorted here instead of by an index of their own.
    package static let list = Statement.list(
        """
        select id, issuer, subject, email, created_at
        from oauth_accounts
        where user_id = $3 and id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        order by id desc
        limit $2
        """
    )

    package func list(
        of user: Identifier<User>,
        after: Identifier<LinkedIdentity>?,
        limit: Int
    ) async throws(DomainError) -> [LinkedIdentity] {
        try await database.all(
            Self.list,
            [.uuid(after?.uuid), .integer(Int64(limit)), .uuid(user.uuid)]
        ) { row throws(DatabaseError) in try row.linkedIdentity() }
    }

    private static let unlink = Statement.write(
        """
        with unlinked as (
            delete from oauth_accounts
            where id = $1 and user_id = $2
            returning id, issuer, subject, email, created_at
        ), remembered as (
            insert into unlinked_identities (user_id, issuer, subject, unlinked_at)
            select $2, issuer, subject, $3
            from unlinked
            on conflict (user_id, issuer, subject) do nothing
        )
        select id, issuer, subject, email, created_at
        from unlinked
        """
    )

    package func unlink(
        _ id: Identifier<LinkedIdentity>,
        of user: Identifier<User>,
        at instant: Timestamp
    ) async throws(DomainError) -> LinkedIdentity? {
        try await database.first(
            Self.unlink,
            [.uuid(id.uuid), .uuid(user.uuid), .timestamp(instant)]
        ) { row throws(DatabaseError) in try row.linkedIdentity() }
    }

    private static let hasIdentity = Statement.read(
        "select exists (select from oauth_accounts where user_id = $1 and issuer = any($2::text[]))"
    )

    package func hasIdentity(_ user: Identifier<User>, at issuers: [String]) async throws(DomainError) -> Bool {
        try await database.first(Self.hasIdentity, [.uuid(user.uuid), .textArray(issuers)]) {
            row throws(DatabaseError) in try row.decode(0)
        } ?? false
    }
}

extension Row {
    /// The identity in the first five columns: id, issuer, subject, email, created_at.
    fileprivate func linkedIdentity() throws(DatabaseError) -> LinkedIdentity {
        LinkedIdentity(
            id: try identifier(0),
            issuer: try decode(1),
            subject: try decode(2),
            email: try decode(3),
            createdAt: try decode(4)
        )
    }
}
