// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCurl
import Core

/// An easy handle of libcurl that is freed with its owner, and whose options are set by Swift types.
final class EasyHandle {
    /// libcurl has no memory, or refuses an option.
    struct Failure: Error {}

    let pointer: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let errorBuffer: UnsafeMutablePointer<CChar>

    init() throws(Failure) {
        guard let pointer = curl_easy_init() else { throw Failure() }
        self.pointer = pointer
        self.errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        self.errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        try check(CCurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorBuffer))
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_slist_free_all(headers)
        errorBuffer.deallocate()
    }

    /// What libcurl says about the last error; it may name hosts and addresses.
    var errorText: String {
        String(cString: errorBuffer)
    }

    var status: Int {
        var status = 0
        return CCurl_response_code(pointer, &status) == CURLE_OK ? status : 0
    }

    func set(_ option: CURLoption, _ value: Int) throws(Failure) {
        try check(CCurl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(Failure) {
        try check(CCurl_set_string(pointer, option, value))
    }

    func set(_ option: CURLoption, milliseconds value: Duration) throws(Failure) {
        // Zero would mean "no limit".
        try set(option, max(1, Int(value.milliseconds)))
    }

    func setHeaders(_ lines: [String]) throws(Failure) {
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { throw Failure() }
            headers = longer
        }
        try check(CCurl_set_pointer(pointer, CURLOPT_HTTPHEADER, headers))
    }

    /// Makes the request a POST; libcurl copies `body`.
    func setBody(_ body: [UInt8]) throws(Failure) {
        try set(CURLOPT_POST, 1)
        // The size comes first: libcurl would otherwise look for a terminating zero.
        try check(CCurl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        let result = body.withUnsafeBytes { bytes in
            CCurl_set_pointer(
                pointer,
                CURLOPT_COPYPOSTFIELDS,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            )
        }
        try check(result)
    }

    /// Lets `callback` have what arrives, with `context` as its last argument.
    func setReceiver(
        _ callbackOption: CURLoption,
        _ contextOption: CURLoption,
        context: UnsafeMutableRawPointer,
        callback: curl_write_callback
    ) throws(Failure) {
        try check(CCurl_set_callback(pointer, callbackOption, callback))
        try check(CCurl_set_pointer(pointer, contextOption, context))
    }

    func setSizeLimit(_ bytes: Int) throws(Failure) {
        try check(CCurl_set_offset(pointer, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(bytes)))
    }

    private func check(_ code: CURLcode) throws(Failure) {
        guard code == CURLE_OK else { throw Failure() }
    }
}
