// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Database
import Testing

@Suite struct DatabaseErrorTests {
    @Test(arguments: [
        ("23505", DatabaseError.Code.uniqueViolation), ("23503", .foreignKeyViolation), ("23514", .checkViolation),
        ("23502", .notNullViolation), ("40001", .serialization), ("40P01", .deadlock), ("57014", .timeout),
        ("55P03", .timeout), ("22P02", .invalidParameter), ("22021", .invalidParameter), ("57P01", .unavailable),
        ("57P03", .unavailable), ("08006", .unavailable), ("25006", .unavailable), ("53300", .unavailable),
        ("42601", .server), ("P0001", .server),
    ]) func code_followsTheState(state: String, code: DatabaseError.Code) {
        #expect(DatabaseError.Code(SQLState(rawValue: state)) == code)
    }

    @Test(arguments: [
        ("57P01", true), ("57P02", true), ("57P03", true), ("08003", true), ("25006", true), ("57014", false),
        ("53300", false), ("25P02", false), ("23505", false),
    ]) func state_tellsWhetherTheServerIsUnusable(state: String, isUnusable: Bool) {
        #expect(SQLState(rawValue: state).meansServerIsUnusable == isUnusable)
    }

    @Test(arguments: [
        ("40001", true), ("40P01", true), ("25006", true), ("57P01", true), ("08006", true), ("53300", false),
        ("55P03", false), ("57014", false), ("23505", false), ("25P02", false),
    ]) func error_tellsWhetherTheTransactionMayRunAgain(state: String, isRetryable: Bool) {
        let state = SQLState(rawValue: state)
        #expect(DatabaseError(DatabaseError.Code(state), sqlState: state).isRetryable == isRetryable)
        #expect(!DatabaseError(.outcomeUnknown, sqlState: state).isRetryable)
    }

    @Test func error_thatEndedTheSession_isOneToRunATransactionAgainFor() {
        let state = SQLState(rawValue: "25P04")
        #expect(DatabaseError(.unavailable, sqlState: state, isOfSession: true).isRetryable)
        #expect(!DatabaseError(.outcomeUnknown, sqlState: state, isOfSession: true).isRetryable)
    }

    @Test func error_ofNoConnectionInTime_isNoneToRunATransactionAgainFor() {
        #expect(!DatabaseError(.unavailable).isRetryable)
    }

    @Test func description_hasNoWordOfTheServer() {
        let error = DatabaseError(.server, sqlState: .undefinedTable, detail: "relation \"secrets\" does not exist")
        #expect(error.description == "the database refused the statement (SQLSTATE 42P01)")
    }
}
