/* cairo's file, made whole: structure, artifacts, links, outline, language, metadata. */
#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

#include "report/pdf.h"

static bool fail(qpdf_data qpdf, struct error *err)
{
    qpdf_error fault = qpdf_has_error(qpdf) ? qpdf_get_error(qpdf) : NULL;
    if (err->code != ERROR_NONE)
        return false;
    return error_set(err, ERROR_CORRUPT, NULL, "qpdf: %s",
                     fault ? qpdf_get_error_full_text(qpdf, fault) : "no reason given");
}

/* XMP: texts are escaped for XML. */

static void add_xml(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '&')
            strbuf_add_text(out, "&amp;");
        else if (text.at[i] == '<')
            strbuf_add_text(out, "&lt;");
        else if (text.at[i] == '>')
            strbuf_add_text(out, "&gt;");
        else
            strbuf_add_char(out, text.at[i]);
    }
}

static void add_element(struct strbuf *out, const char *before, struct slice text,
                        const char *after)
{
    strbuf_add_text(out, before);
    add_xml(out, text);
    strbuf_add_text(out, after);
}

static const char producer[] = "attest " ATTEST_VERSION;

void pdf_metadata(const struct pdf *pdf, struct strbuf *xmp)
{
    const struct document *document = pdf->document;
    struct slice author = document->auditor.len ? document->auditor : document->organization;
    strbuf_add_text(xmp, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                         "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
                         "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
                         "<rdf:Description rdf:about=\"\""
                         " xmlns:dc=\"http://purl.org/dc/elements/1.1/\""
                         " xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
                         " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n");
    strbuf_add_text(xmp, "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    add_xml(xmp, document->title);
    add_element(xmp, ": ", document->organization, "</rdf:li></rdf:Alt></dc:title>\n");
    add_element(xmp, "<dc:creator><rdf:Seq><rdf:li>", author, "</rdf:li></rdf:Seq></dc:creator>\n");
    add_element(xmp, "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">", document->subject,
                "</rdf:li></rdf:Alt></dc:description>\n");
    add_element(xmp, "<dc:language><rdf:Bag><rdf:li>", slice_of(document->language),
                "</rdf:li></rdf:Bag></dc:language>\n");
    if (document->date.len > 0)
        add_element(xmp, "<xmp:CreateDate>", document->date, "T00:00:00Z</xmp:CreateDate>\n");
    add_element(xmp, "<pdf:Producer>", slice_of(producer), "</pdf:Producer>\n");
    strbuf_add_text(xmp, "</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>");
}

static qpdf_oh stream_new(qpdf_data qpdf, struct slice bytes)
{
    qpdf_oh stream = qpdf_oh_new_stream(qpdf);
    qpdf_oh_replace_stream_data(qpdf, stream, (const unsigned char *)bytes.at, bytes.len,
                                qpdf_oh_new_null(qpdf), qpdf_oh_new_null(qpdf));
    return stream;
}

static bool page_content(struct pdf *pdf, qpdf_data qpdf, qpdf_oh page, size_t index)
{
    unsigned char *bytes = NULL;
    size_t length = 0;
    bool ok = false;
    struct strbuf wrapped = strbuf_new((size_t)1 << 28);
    if (qpdf_oh_get_page_content_data(qpdf, page, &bytes, &length) == QPDF_SUCCESS &&
        content_wrap(slice_bytes(bytes, length), pdf->sheets[index].contents_count, &wrapped,
                     pdf->err)) {
        qpdf_oh_replace_key(qpdf, page, "/Contents", stream_new(qpdf, strbuf_slice(&wrapped)));
        ok = true;
    }
    free(bytes);
    strbuf_free(&wrapped);
    return ok;
}

static bool pages_finish(struct pdf *pdf, qpdf_data qpdf, const struct pdf_roots *roots)
{
    for (size_t i = 0; i < pdf->sheets_count; i++) {
        qpdf_oh page = qpdf_get_page_n(qpdf, i);
        if (!page_content(pdf, qpdf, page, i))
            return false;
        qpdf_oh_replace_key(qpdf, page, "/StructParents", qpdf_oh_new_integer(qpdf, (long long)i));
        qpdf_oh_replace_key(qpdf, page, "/Tabs", qpdf_oh_new_name(qpdf, "/S"));
        if (roots->annotations[i])
            qpdf_oh_replace_key(qpdf, page, "/Annots",
                                qpdf_get_object_by_id(qpdf, (int)roots->annotations[i], 0));
        qpdf_oh_release(qpdf, page);
    }
    return true;
}

static void catalog_finish(struct pdf *pdf, qpdf_data qpdf, const struct pdf_roots *roots,
                           struct slice xmp)
{
    qpdf_oh root = qpdf_get_root(qpdf);
    qpdf_oh marked = qpdf_oh_new_dictionary(qpdf);
    qpdf_oh preferences = qpdf_oh_new_dictionary(qpdf);
    qpdf_oh metadata = stream_new(qpdf, xmp);
    qpdf_oh metadata_keys = qpdf_oh_get_dict(qpdf, metadata);
    qpdf_oh_replace_key(qpdf, metadata_keys, "/Type", qpdf_oh_new_name(qpdf, "/Metadata"));
    qpdf_oh_replace_key(qpdf, metadata_keys, "/Subtype", qpdf_oh_new_name(qpdf, "/XML"));
    qpdf_oh_replace_key(qpdf, marked, "/Marked", qpdf_oh_new_bool(qpdf, QPDF_TRUE));
    qpdf_oh_replace_key(qpdf, preferences, "/DisplayDocTitle", qpdf_oh_new_bool(qpdf, QPDF_TRUE));
    qpdf_oh_replace_key(qpdf, root, "/MarkInfo", marked);
    qpdf_oh_replace_key(qpdf, root, "/ViewerPreferences", preferences);
    qpdf_oh_replace_key(qpdf, root, "/Metadata", metadata);
    qpdf_oh_replace_key(qpdf, root, "/Lang",
                        qpdf_oh_new_unicode_string(qpdf, pdf->document->language));
    qpdf_oh_replace_key(qpdf, root, "/StructTreeRoot",
                        qpdf_get_object_by_id(qpdf, (int)roots->structure, 0));
    qpdf_oh_replace_key(qpdf, root, "/Names", qpdf_get_object_by_id(qpdf, (int)roots->names, 0));
    if (roots->outline) {
        qpdf_oh_replace_key(qpdf, root, "/Outlines",
                            qpdf_get_object_by_id(qpdf, (int)roots->outline, 0));
        qpdf_oh_replace_key(qpdf, root, "/PageMode", qpdf_oh_new_name(qpdf, "/UseOutlines"));
    }
    qpdf_set_info_key(qpdf, "/Producer", producer);
    if (pdf->document->date.len == 0)
        qpdf_set_info_key(qpdf, "/CreationDate", NULL);
}

static bool file_write(qpdf_data qpdf, struct strbuf *out, struct error *err)
{
    if (qpdf_init_write_memory(qpdf) != QPDF_SUCCESS)
        return fail(qpdf, err);
    /* The file's identity comes from its content, not from the time and a path. */
    qpdf_set_deterministic_ID(qpdf, QPDF_TRUE);
    qpdf_set_object_stream_mode(qpdf, qpdf_o_generate);
    qpdf_set_minimum_pdf_version(qpdf, "1.7");
    if (qpdf_write(qpdf) != QPDF_SUCCESS)
        return fail(qpdf, err);
    strbuf_add(out, slice_bytes(qpdf_get_buffer(qpdf), qpdf_get_buffer_length(qpdf)));
    return strbuf_ok(out, err);
}

/* Objects of our own come behind cairo's. */
static bool objects_add(struct pdf *pdf, qpdf_data qpdf, struct pdf_roots *roots, struct error *err)
{
    bool ok = false;
    struct strbuf json = strbuf_new((size_t)1 << 30);
    int *pages = arena_array(pdf->arena, pdf->sheets_count + 1, sizeof(*pages), err);
    if (!pages)
        goto done;
    for (size_t i = 0; i < pdf->sheets_count; i++) {
        qpdf_oh page = qpdf_get_page_n(qpdf, i);
        pages[i] = qpdf_oh_get_object_id(qpdf, page);
        qpdf_oh_release(qpdf, page);
    }
    qpdf_oh last = qpdf_make_indirect_object(qpdf, qpdf_oh_new_null(qpdf));
    int first = qpdf_oh_get_object_id(qpdf, last) + 1;
    if (first <= 0 || !pdf_objects(pdf, (unsigned)first, pages, roots, &json, err))
        goto done;
    ok = qpdf_update_from_json_data(qpdf, json.at, json.len) == QPDF_SUCCESS || fail(qpdf, err);
done:
    strbuf_free(&json);
    return ok;
}

bool pdf_finish(struct pdf *pdf, struct slice drawn, struct strbuf *out, struct error *err)
{
    bool ok = false;
    struct pdf_roots roots;
    struct strbuf xmp = strbuf_new(1 << 20);
    qpdf_data qpdf = qpdf_init();
    if (!qpdf)
        return error_no_memory(err, 0);
    qpdf_set_suppress_warnings(qpdf, QPDF_TRUE);
    qpdf_silence_errors(qpdf);
    if (qpdf_read_memory(qpdf, "report.pdf", drawn.at, drawn.len, NULL) != QPDF_SUCCESS) {
        fail(qpdf, err);
        goto done;
    }
    if (qpdf_get_num_pages(qpdf) < 0 || (size_t)qpdf_get_num_pages(qpdf) != pdf->sheets_count) {
        error_set(err, ERROR_CORRUPT, NULL, "the file has %d pages where %zu were drawn",
                  qpdf_get_num_pages(qpdf), pdf->sheets_count);
        goto done;
    }
    if (!objects_add(pdf, qpdf, &roots, err) || !pages_finish(pdf, qpdf, &roots)) {
        fail(qpdf, err);
        goto done;
    }
    pdf_metadata(pdf, &xmp);
    if (!strbuf_ok(&xmp, err))
        goto done;
    catalog_finish(pdf, qpdf, &roots, strbuf_slice(&xmp));
    ok = file_write(qpdf, out, err);
done:
    strbuf_free(&xmp);
    qpdf_cleanup(&qpdf);
    return ok;
}
