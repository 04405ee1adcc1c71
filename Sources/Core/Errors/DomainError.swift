// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// An error that a caller is told about: a stable code and a sentence that is safe to show.
///
/// What went wrong inside is `cause`, which goes to the log and never into an answer.
package struct DomainError: Error, Sendable, CustomStringConvertible {
    /// One field of the input that is wrong.
    package struct Field: Hashable, Sendable {
        /// Where it stands in the input: `name`, `roles[2]`.
        package let name: String
        /// A stable word: `required`, `unknown`, `too_long`, `invalid`.
        package let code: String
        /// A sentence that is safe to show; it never repeats the value.
        package let message: String

        package init(_ name: String, code: String, message: String) {
            self.name = name
            self.code = code
            self.message = message
        }
    }

    package let code: ErrorCode
    /// A sentence that is safe for the caller.
    package let detail: String
    /// The fields that are wrong, when the code is ``ErrorCode/validationFailed``.
    package let fields: [Field]
    /// What happened inside; for the log alone.
    package let cause: (any Error)?

    package init(_ code: ErrorCode, _ detail: String, fields: [Field] = [], cause: (any Error)? = nil) {
        self.code = code
        self.detail = detail
        self.fields = fields
        self.cause = cause
    }

    package var description: String {
        "\(code.rawValue): \(detail)"
    }
}
