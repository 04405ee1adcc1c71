/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* libcurl for Swift, which cannot call variadic C: one function for each type of argument that an option can take. */

#include <curl/curl.h>

static inline CURLcode CCurl_global_init(void)
{
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline CURLcode CCurl_set_long(CURL *handle, CURLoption option, long value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_set_offset(CURL *handle, CURLoption option, curl_off_t value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_set_string(CURL *handle, CURLoption option, const char *value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_set_pointer(CURL *handle, CURLoption option, void *value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_set_callback(CURL *handle, CURLoption option, curl_write_callback value)
{
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode CCurl_response_code(CURL *handle, long *code)
{
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, code);
}
